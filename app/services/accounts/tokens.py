"""The three secrets a login is proved by: browser cookie, bearer access token, rotating refresh token.

Cookie and refresh token are random and kept as SHA-256 only; the access token is signed and names its session, which
is read with every request, so that ending a session ends all three at once.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import jwt
from jwt.types import Options

from app.env import Settings
from app.services.accounts.rights import Unauthenticated

_ALGORITHM = "HS256"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a token says before any row was read: whose it is, of which session, and its secret's hash."""

    user_id: str
    session_id: str
    secret_hash: str = ""


def new_cookie(user_id: str, session_id: str) -> str:
    """A cookie value; its secret part has 256 random bits."""
    return f"{user_id}.{session_id}.{secrets.token_urlsafe(32)}"


def read_cookie(cookie: str) -> Claim:
    """What the cookie claims. Raises Unauthenticated (401)."""
    parts = cookie.split(".")
    if len(parts) != 3 or not all(parts) or len(cookie) > 200 or not cookie.isascii():
        raise Unauthenticated("Please log in first.")
    return Claim(parts[0], parts[1], secret_hash(cookie))


def new_access_token(user_id: str, session_id: str, *, now: datetime, settings: Settings) -> str:
    """A signed bearer token, good for `access_token_ttl_seconds` while its session is open."""
    return _sign("access", user_id, session_id, settings.access_token_ttl_seconds, now, settings)


def read_access_token(token: str, *, now: datetime, settings: Settings) -> Claim:
    """What the token claims. Raises Unauthenticated (401) when it is forged, expired or of another kind."""
    return _read("access", token, now, settings)


def new_refresh_token(user_id: str, session_id: str, *, now: datetime, settings: Settings) -> str:
    """A token for one new pair. Signed too, so that a made-up one cannot pass for a reused one."""
    return _sign("refresh", user_id, session_id, settings.refresh_token_ttl_seconds, now, settings)


def read_refresh_token(token: str, *, now: datetime, settings: Settings) -> Claim:
    """What the token claims, with its hash. Raises Unauthenticated (401)."""
    return _read("refresh", token, now, settings)


def new_familiar_token(user_id: str, *, now: datetime, settings: Settings) -> str:
    """What a browser keeps that its person has logged in with; it opens nothing, and names the browser by a new id."""
    lives_seconds = settings.familiar_browser_ttl_seconds
    return _sign("familiar", user_id, secrets.token_urlsafe(16), lives_seconds, now, settings)


def read_familiar_token(token: str, *, now: datetime, settings: Settings) -> Claim | None:
    """Who has logged in with the browser that sent this, and in the place of a session the browser; None: nobody."""
    try:
        return _read("familiar", token, now, settings)
    except Unauthenticated:
        return None


def secret_hash(token: str) -> str:
    """The only form in which a secret is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_same_secret(given_hash: str, kept_hash: str | None) -> bool:
    """Compare two hashes in constant time; nothing kept matches nothing."""
    return bool(kept_hash) and hmac.compare_digest(given_hash, kept_hash or "")


def keyed_hash(purpose: str, text: str, settings: Settings) -> str:
    """A hash that nobody can compute without the secret key: for what is short enough to be found by trying all."""
    return hmac.digest(_key(settings.secret_key, purpose), text.encode(), "sha256").hex()


def _sign(kind: str, user_id: str, session_id: str, ttl_seconds: int, now: datetime, settings: Settings) -> str:
    claims = {
        "typ": kind,
        "sub": user_id,
        "sid": session_id,
        "jti": secrets.token_urlsafe(16),
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(seconds=ttl_seconds)).timestamp()),
    }
    return jwt.encode(claims, _key(settings.secret_key, kind), algorithm=_ALGORITHM)


def _read(kind: str, token: str, now: datetime, settings: Settings) -> Claim:
    # `now` decides about the expiry, not the library's own look at the clock
    unclocked: Options = {"verify_exp": False, "verify_iat": False, "require": ["sub", "sid", "exp", "typ"]}
    try:
        claims = jwt.decode(token, _key(settings.secret_key, kind), algorithms=[_ALGORITHM], options=unclocked)
    except jwt.PyJWTError:
        raise Unauthenticated("Please log in first.") from None
    if claims["typ"] != kind or datetime.fromtimestamp(claims["exp"], UTC) <= now:
        raise Unauthenticated("This token has expired. Please refresh it or log in again.")
    return Claim(claims["sub"], claims["sid"], secret_hash(token))


@lru_cache(maxsize=8)
def _key(secret_key: str, purpose: str) -> bytes:
    return hmac.digest(secret_key.encode(), f"accounts {purpose} token".encode(), "sha256")
