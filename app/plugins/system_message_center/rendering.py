"""Texts of messages out of app/templates. A name that a template uses and nobody gave makes it fail, not lie."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parents[2] / "templates"

_environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=lambda name: name is not None and name.endswith(".html"),
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)


def init_app(app: Flask) -> None:
    """Templates know the site's address and name."""
    settings = app.config["SETTINGS"]
    _environment.globals.update(site_url=settings.site_url, site_name="Marketplace")


def is_ready() -> bool:
    """Whether `init_app` has been called in this process."""
    return "site_url" in _environment.globals


def render(template: str, values: Mapping[str, Any]) -> str:
    """The template's text. Raises UndefinedError for a missing value, TemplateNotFound."""
    return _environment.get_template(template).render(**values)
