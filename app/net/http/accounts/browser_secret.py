"""A secret in a cookie of its own that a browser has to bring back from a login elsewhere.

It ties the way back to the browser that went: nobody can be made to finish a login that somebody else began. One
secret serves several such logins at a time, so two tabs do not disturb each other.
"""

import re
import secrets

from flask import Response, request

from app.net.http.accounts.logins import current_settings
from app.services.accounts.social_login import STATE_LIVES

COOKIE = "social_login"
SECURE_COOKIE = "__Host-social_login"
"""Over https the prefix keeps sibling subdomains from planting one of theirs."""
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def browser_secret(*, make: bool = False) -> str:
    """What this browser's cookie holds; without a usable one a new secret, or nothing."""
    kept = request.cookies.get(_cookie_name(), "")
    if _SECRET.fullmatch(kept):
        return kept
    return secrets.token_urlsafe(32) if make else ""


def with_browser_secret(answer: Response, secret: str) -> Response:
    """The browser keeps the secret for as long as the login may take; empty: nothing is kept."""
    answer.headers["Cache-Control"] = "no-store"
    if secret:
        answer.set_cookie(
            _cookie_name(),
            secret,
            max_age=int(STATE_LIVES.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=current_settings().cookie_secure,
        )
    return answer


def _cookie_name() -> str:
    return SECURE_COOKIE if current_settings().cookie_secure else COOKIE
