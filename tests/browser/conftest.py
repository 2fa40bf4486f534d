"""A real Chromium against the product served by gunicorn, as `run.py` serves it."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app.env import Settings
from app.plugins.web_server import WebServer
from tests.browser import chromium
from tests.browser.accounts import Person, sign_up
from tests.browser.postbox import Postbox
from tests.oidc_provider import Provider

START_SECONDS = 120
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(settings: Settings) -> dict[str, str]:
    """The variables that make a process have these settings."""
    given = dict(os.environ)
    for spec in fields(Settings):
        value: Any = getattr(settings, spec.name)
        text = ",".join(value) if isinstance(value, tuple) else str(value)
        given[spec.name.upper()] = text.lower() if isinstance(value, bool) else text
    return given


@pytest.fixture(scope="package")
def postbox() -> Iterator[Postbox]:
    """The mail server that the product sends to."""
    with Postbox.at(_free_port()) as opened:
        yield opened


@pytest.fixture(scope="package")
def provider() -> Iterator[Provider]:
    """The other place that people can log in at."""
    made = Provider()
    yield made
    made.close()


@pytest.fixture(scope="package")
def shop(stores: Settings, project: Path, postbox: Postbox, provider: Provider) -> Iterator[str]:
    """The address of the whole product in a process of its own: site, API, sockets, sandbox and jobs."""
    assert (project / "app/static/site/index.html").is_file(), "The site is not built: run `make site`."
    port = _free_port()
    settings = replace(
        stores,
        host="127.0.0.1",
        port=port,
        public_url=f"http://127.0.0.1:{port}",
        scheduler_enabled=True,
        mail_server="127.0.0.1",
        mail_port=postbox.port,
        mail_send_every_seconds=0.5,
        oidc_providers=json.dumps([provider.setting()]),
    )
    server = WebServer(project, settings.host, port)
    server.start(_environment(settings))
    try:
        server.wait_until_ready(START_SECONDS)
        yield settings.site_url
    finally:
        server.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = chromium.ensure_installed()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, headless=True, args=list(chromium.FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser, shop: str) -> Iterator[BrowserContext]:
    """A browser without a history, in English."""
    made = browser.new_context(base_url=shop, locale="en-US", viewport={"width": 1280, "height": 900})
    made.set_default_timeout(PATIENCE_MS)
    yield made
    made.close()


@contextmanager
def watched(context: BrowserContext, *expected: str) -> Iterator[Page]:
    """A page that must not say anything to its console but what holds one of these texts: neither an error nor a
    breach of the content policy."""
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda fault: said.append(str(fault)))
    yield opened
    assert [text for text in said if not any(part in text for part in expected)] == []


@pytest.fixture
def page(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A watched page. A module's EXPECTED says what may stand in its console; else only a visitor's /api/auth/me."""
    with watched(context, *getattr(request.module, "EXPECTED", ("status of 401",))) as opened:
        yield opened


@pytest.fixture
def person(context: BrowserContext) -> Person:
    """Somebody who has just signed up in this browser."""
    return sign_up(context)
