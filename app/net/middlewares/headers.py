"""Headers that keep a browser from doing with our pages what we never meant."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Response, g

from app.env import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; script-src 'self'; "
    "style-src 'self'{style_nonce}"
)
_PLAIN_POLICY = _POLICY.format(style_nonce="")
_PERMISSIONS = "camera=(), microphone=(), geolocation=(self), payment=(self), usb=()"
_HSTS = "max-age=31536000; includeSubDomains"


def style_nonce() -> str:
    """A nonce for this answer's style elements; asking for it adds it to the answer's policy."""
    if "style_nonce" not in g:
        g.style_nonce = secrets.token_urlsafe(16)
    return g.style_nonce


@dataclass(frozen=True)
class SecurityHeaders:
    """The headers each answer carries, built once."""

    fixed: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, settings: Settings) -> "SecurityHeaders":
        headers = [
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "strict-origin-when-cross-origin"),
            ("Permissions-Policy", _PERMISSIONS),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "cross-origin" if settings.cors_origins else "same-origin"),
        ]
        if settings.cookie_secure:
            headers.append(("Strict-Transport-Security", _HSTS))
        return cls(tuple(headers))

    def around(self, served: "WSGIApplication") -> "WSGIApplication":
        """The same application, with these headers on every answer, sockets' included.

        Here and not in `after_request`, because werkzeug checks each header it is given for line breaks, and these
        never change.
        """

        def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            def start(status: str, headers: list[tuple[str, str]], *fault: Any) -> Any:
                headers.extend(self.fixed)
                return start_response(status, headers, *fault)

            return served(environ, start)

        return serve


def put_policy_on(answer: Response, nonce: str | None) -> None:
    """Say what the page may load; a policy the view set itself stays."""
    if "Content-Security-Policy" not in answer.headers:
        policy = _POLICY.format(style_nonce=f" 'nonce-{nonce}'") if nonce else _PLAIN_POLICY
        answer.headers.add("Content-Security-Policy", policy)
