"""Failed logins and things asked for, counted over all processes: rows in Cassandra that expire by themselves."""

import hashlib
import hmac
import math
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.env import Settings
from app.models.accounts import LoginAttempt
from app.services.accounts.passwords import Busy
from app.utils.errors import DomainError


class TooManyAttempts(DomainError):
    """This identifier failed too often lately (429); `details.retry_after_seconds` says when it may try again."""

    code, status = "too_many_attempts", 429


class AskedTooOften(DomainError):
    """A mail or text was asked for too often lately (429); `details.retry_after_seconds` says when to ask again."""

    code, status = "asked_too_often", 429


@dataclass(frozen=True, slots=True)
class Limit:
    """So many within any span of so long, a day at most."""

    times: int
    window: timedelta


def count_attempt(identifier: str, *, now: datetime, settings: Settings) -> LoginAttempt:
    """The attempt is on record before the password is looked at, so parallel guesses cannot outrun the count.

    Of any number of parallel attempts at most `login_failures_allowed` go on, because each reads after it wrote.
    Raises TooManyAttempts (429); a refused attempt neither lengthens the wait nor leaves a row.
    """
    limit = Limit(settings.login_failures_allowed, timedelta(seconds=settings.login_failures_window_seconds))
    refusal = TooManyAttempts("Too many failed attempts. Please wait.")
    return _count(_hash(identifier), limit, refusal, now)


def count_request(door: str, subject: str, limit: Limit, *, now: datetime) -> None:
    """What this door does for this subject is counted, by the same rules as attempts. Raises AskedTooOften (429)."""
    refusal = AskedTooOften("This was asked for too often. Please wait.")
    _count(hmac.digest(door.encode(), _cleaned(subject), "sha256").hex(), limit, refusal, now)


@contextmanager
def counted(identifier: str, *, now: datetime, settings: Settings) -> Iterator[None]:
    """What is done within is an attempt: it counts from the start, and is forgotten with the earlier ones when it
    ends well. A process too busy to look at the password does not count it. Raises TooManyAttempts (429)."""
    attempt = count_attempt(identifier, now=now, settings=settings)
    try:
        yield
    except Busy:
        attempt.delete()
        raise
    forget_attempts(identifier)


def forget_attempts(identifier: str) -> None:
    """The identifier starts from none again, because somebody logged in with it."""
    for row in _recorded(_hash(identifier)):
        row.delete()


def _count(key: str, limit: Limit, refusal: DomainError, now: datetime) -> LoginAttempt:
    _ensure_below(limit.times - 1, key, limit, refusal, now=now)
    attempt = LoginAttempt.create(identifier_hash=key, tried_at=now)
    try:
        _ensure_below(limit.times, key, limit, refusal, now=now)
    except type(refusal):
        attempt.delete()
        raise
    return attempt


def _ensure_below(allowed: int, key: str, limit: Limit, refusal: DomainError, *, now: datetime) -> None:
    recent = sorted(row.tried_at for row in _recorded(key) if row.tried_at > now - limit.window)
    if len(recent) <= allowed:
        return
    wait_seconds = math.ceil((recent[-allowed - 1] + limit.window - now).total_seconds())
    refusal.details = {"retry_after_seconds": max(1, wait_seconds)}
    raise refusal


def _recorded(key: str) -> list[LoginAttempt]:
    return list(LoginAttempt.objects(identifier_hash=key).limit(500))


def _hash(identifier: str) -> str:
    return hashlib.sha256(_cleaned(identifier)).hexdigest()


def _cleaned(text: str) -> bytes:
    return unicodedata.normalize("NFKC", text).strip().casefold().encode()
