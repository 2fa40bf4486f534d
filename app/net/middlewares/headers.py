"""Headers that keep a browser from doing with our pages what we never meant."""

import secrets
from dataclasses import dataclass

from flask import Response, g, has_request_context

from app.env import Settings

_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; script-src 'self'; "
    "style-src 'self'{style_nonce}"
)
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
        ]
        if settings.cookie_secure:
            headers.append(("Strict-Transport-Security", _HSTS))
        return cls(tuple(headers))

    def put_on(self, answer: Response) -> None:
        """Add them all; a policy the view set itself stays."""
        headers = answer.headers
        for name, value in self.fixed:
            headers[name] = value
        if "Content-Security-Policy" not in headers:
            nonce = g.get("style_nonce") if has_request_context() else None
            headers["Content-Security-Policy"] = _POLICY.format(style_nonce=f" 'nonce-{nonce}'" if nonce else "")
