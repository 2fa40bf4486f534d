"""The blueprints of the product, in the order the documentation lists them."""

from flask import Blueprint

from app.net.http.accounts import admin_kyc, auth, user
from app.net.http.admin_logs import admin_logs
from app.net.http.admin_roles import admin_roles
from app.net.http.admin_users import admin_users
from app.net.http.cart import cart
from app.net.http.catalog import catalog
from app.net.http.imports import imports
from app.net.http.media import media
from app.net.http.orders import admin_orders, orders, sales
from app.net.http.payments import payments
from app.net.http.sandbox import sandbox_pages
from app.net.http.search import search
from app.net.http.seller_roles import seller_roles
from app.net.http.site import site
from app.net.http.stores import stores
from app.net.http.system import probes, system
from app.net.middlewares.blueprints import ApiBlueprint

BLUEPRINTS: tuple[ApiBlueprint, ...] = (
    auth,
    user,
    catalog,
    stores,
    search,
    imports,
    cart,
    orders,
    payments,
    sales,
    seller_roles,
    admin_orders,
    admin_users,
    admin_roles,
    admin_logs,
    admin_kyc,
    system,
)
PAGES: tuple[Blueprint, ...] = (probes, media, sandbox_pages, site)
