"""Browsers that somebody has logged in with before: a cookie that opens nothing, and that outlives the login.

It keeps its person out of the limits that strangers fill (`services/accounts/attempts.py`): whoever guesses at an
account from elsewhere cannot lock its owner out of their own browser.
"""

from flask import Response, current_app, request

from app.env import Settings
from app.net.middlewares.cookies import cookie_name
from app.services import accounts as account_service
from app.utils.clock import utc_now

COOKIE = "familiar"


def familiar_token() -> str:
    """What this browser sent, good or not; empty: nothing."""
    return request.cookies.get(cookie_name(COOKIE), "")


def familiar_user_id() -> str | None:
    """Who has logged in with this browser before, as its cookie says, or None."""
    if not (token := familiar_token()):
        return None
    claim = account_service.read_familiar_token(token, now=utc_now(), settings=_settings())
    return claim.user_id if claim else None


def remember(answer: Response, user_id: str) -> None:
    """The browser keeps that this user has logged in with it."""
    settings = _settings()
    answer.set_cookie(
        cookie_name(COOKIE),
        account_service.new_familiar_token(user_id, now=utc_now(), settings=settings),
        max_age=settings.familiar_browser_ttl_seconds,
        httponly=True,
        samesite="Lax",
        secure=settings.cookie_secure,
    )


def _settings() -> Settings:
    return current_app.config["SETTINGS"]
