"""The Flask application class: it keeps the API's description, completed once."""

from functools import cached_property
from typing import Any

from flask import Flask, Request, Response, json
from flask.sessions import SecureCookieSession, SessionInterface, SessionMixin
from flask_openapi3 import Info, OpenAPI

from app.net.openapi import SECURITY_SCHEMES, complete

DESCRIPTION = """One market where schools and shops sell courses and products.

Log in by cookie (with the `X-CSRF-Token` header on writes) or by `Authorization: Bearer`.
Lists page by the cursor in `page.next`. Every error has one shape and a stable `code`."""


class NoSessions(SessionInterface):
    """Logins are rows; Flask's own signed session is never read nor written."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        return SecureCookieSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing is kept."""


class Application(OpenAPI):
    """Flask with an OpenAPI document of its routes; the pages about it are our own (`http/system.py`)."""

    def __init__(self) -> None:
        super().__init__(
            "app",
            info=Info(title="Marketplace API", version="1.0.0", description=DESCRIPTION),
            security_schemes=SECURITY_SCHEMES,
            doc_ui=False,
        )

    session_interface = NoSessions()

    @cached_property
    def api_document(self) -> dict[str, Any]:
        """The whole OpenAPI 3.1 document."""
        return complete(self.api_doc)

    @cached_property
    def api_json(self) -> bytes:
        """The document as it is served."""
        return json.dumps(self.api_document, sort_keys=True, separators=(",", ":")).encode()
