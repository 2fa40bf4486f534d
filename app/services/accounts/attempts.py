"""Failed logins, counted per identifier over all processes: rows in Cassandra that expire by themselves."""

import hashlib
import math
import unicodedata
from datetime import datetime, timedelta

from app.env import Settings
from app.models.accounts import LoginAttempt
from app.utils.errors import DomainError


class TooManyAttempts(DomainError):
    """This identifier failed too often lately (429); `details.retry_after_seconds` says when it may try again."""

    code, status = "too_many_attempts", 429


def count_attempt(identifier: str, *, now: datetime, settings: Settings) -> None:
    """The attempt is on record before the password is looked at, so parallel guesses cannot outrun the count.

    Of any number of parallel attempts at most `login_failures_allowed` go on, because each reads after it wrote.
    Raises TooManyAttempts (429); a refused attempt neither lengthens the wait nor leaves a row.
    """
    key = _hash(identifier)
    _ensure_below(settings.login_failures_allowed - 1, key, now, settings)
    attempt = LoginAttempt.create(identifier_hash=key, tried_at=now)
    try:
        _ensure_below(settings.login_failures_allowed, key, now, settings)
    except TooManyAttempts:
        attempt.delete()
        raise


def _ensure_below(allowed: int, key: str, now: datetime, settings: Settings) -> None:
    window = timedelta(seconds=settings.login_failures_window_seconds)
    recent = sorted(row.tried_at for row in _recorded(key) if row.tried_at > now - window)
    if len(recent) <= allowed:
        return
    wait_seconds = math.ceil((recent[-allowed - 1] + window - now).total_seconds())
    raise TooManyAttempts(
        "Too many failed attempts. Please wait.", details={"retry_after_seconds": max(1, wait_seconds)}
    )


def forget_attempts(identifier: str) -> None:
    """The identifier starts from none again, because somebody logged in with it."""
    for row in _recorded(_hash(identifier)):
        row.delete()


def _recorded(key: str) -> list[LoginAttempt]:
    return list(LoginAttempt.objects(identifier_hash=key).limit(500))


def _hash(identifier: str) -> str:
    text = unicodedata.normalize("NFKC", identifier).strip().casefold()
    return hashlib.sha256(text.encode()).hexdigest()
