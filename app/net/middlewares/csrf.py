"""Writes that ride on cookies carry a token that other sites cannot read.

The token is a signature over a random seed that lives in an HttpOnly cookie of its own. Cookies alone, which a browser
attaches to any site's form, are therefore not enough. Bearer requests carry no ambient right and need no token.
"""

import hmac
import secrets
from hashlib import sha256

from flask import Flask, Response, current_app, g, request

from app.net.errors import CsrfFailed, is_api_path

HEADER = "X-CSRF-Token"
COOKIE = "csrf_seed"
SECURE_COOKIE = "__Host-csrf_seed"
"""Over https the prefix keeps sibling subdomains from planting a seed of theirs."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_SEED_LENGTH = 32


def init_app(app: Flask) -> None:
    """Send the seed cookie with the answer of the request that made it."""
    app.after_request(_send_seed)


def issue() -> str:
    """The token of this browser, for `X-CSRF-Token`; makes the seed cookie when there is none yet."""
    seed = request.cookies.get(_cookie_name(), "")
    if len(seed) != _SEED_LENGTH:
        seed = g.setdefault("csrf_seed", secrets.token_hex(_SEED_LENGTH // 2))
    return _sign(seed)


def check() -> None:
    """Pass safe methods, requests without cookies, bearer requests and doors with their own signature.

    Raises CsrfFailed (403) for any other write whose token does not belong to its seed cookie.
    """
    if request.method in SAFE_METHODS or not is_api_path(request.path) or not request.cookies:
        return
    if request.headers.get("Authorization", "").startswith("Bearer "):
        return
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or getattr(view, "csrf_exempt", False):
        return
    seed = request.cookies.get(_cookie_name(), "")
    if not seed or not hmac.compare_digest(_sign(seed).encode(), request.headers.get(HEADER, "").encode()):
        raise CsrfFailed("The security token is missing or too old. Ask for a new one and retry.")


def _cookie_name() -> str:
    return SECURE_COOKIE if current_app.config["SETTINGS"].cookie_secure else COOKIE


def _sign(seed: str) -> str:
    return hmac.new(current_app.config["SECRET_KEY"].encode(), f"csrf:{seed}".encode(), sha256).hexdigest()


def _send_seed(answer: Response) -> Response:
    if seed := g.get("csrf_seed"):
        secure = current_app.config["SETTINGS"].cookie_secure
        answer.set_cookie(_cookie_name(), seed, httponly=True, samesite="Lax", secure=secure, path="/")
    return answer
