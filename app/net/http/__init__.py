"""The blueprints of the product, in the order the documentation lists them."""

from flask import Blueprint

from app.net.http.accounts import auth, user
from app.net.http.site import site
from app.net.http.system import probes, system
from app.net.middlewares.blueprints import ApiBlueprint

BLUEPRINTS: tuple[ApiBlueprint, ...] = (auth, user, system)
PAGES: tuple[Blueprint, ...] = (probes, site)
