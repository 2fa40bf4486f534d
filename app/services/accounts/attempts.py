"""Failed logins and things asked for, counted over all processes: rows in Cassandra that expire by themselves.

Who guesses passwords is slowed twice: for each name, wherever the guesses come from, and for each address, whichever
names are guessed. So that nobody can lock somebody else out by guessing, a browser that the person has logged in with
before is counted for itself (`familiar`), and so are the proofs given within a login; ways in without a password
(codes, passkeys, a reset) are not closed at all.
"""

import hashlib
import hmac
import math
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.env import Settings
from app.models.accounts import LoginAttempt
from app.services.accounts.passwords import Busy
from app.utils import addresses
from app.utils.errors import DomainError


class TooManyAttempts(DomainError):
    """Too many failures lately (429); `details.retry_after_seconds` says when to try again."""

    code, status = "too_many_attempts", 429


class AskedTooOften(DomainError):
    """A mail or text was asked for too often lately (429); `details.retry_after_seconds` says when to ask again."""

    code, status = "asked_too_often", 429


@dataclass(frozen=True, slots=True)
class Limit:
    """So many within any span of so long, a day at most."""

    times: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted together. key: a hash; is_forgiven: whether a success wipes the failures before it."""

    key: str
    limit: Limit
    refusal: type[DomainError] = TooManyAttempts
    message: str = "Too many failed attempts. Please wait."
    is_forgiven: bool = True


def for_name(identifier: str, settings: Settings) -> Counted:
    """Failures of strangers under this name, whoever has it or nobody."""
    return Counted(_hash(identifier), _failures(settings.login_failures_allowed, settings))


def for_address(address: str, settings: Settings) -> Counted:
    """Failures of strangers from this address (IPv6: its /64), whatever the names. Logging in well is not one, and
    forgives none: otherwise an account of their own would buy the guesses."""
    limit = _failures(settings.login_failures_allowed_per_address, settings)
    return Counted(_key("address", addresses.counted_as(address)), limit, is_forgiven=False)


def for_browser(browser_id: str, settings: Settings) -> Counted:
    """Failures in a browser that the person has logged in with before."""
    return Counted(_key("browser", browser_id), _failures(settings.login_failures_allowed, settings))


def for_proofs(user_id: str, settings: Settings) -> Counted:
    """Failures of somebody who is logged in to prove again who they are."""
    return Counted(_key("proofs", user_id), _failures(settings.login_failures_allowed, settings))


def count_attempt(identifier: str, *, now: datetime, settings: Settings) -> None:
    """A try under this name is on record before it is looked at. Raises TooManyAttempts (429)."""
    _count([for_name(identifier, settings)], now)


def count_request(door: str, subject: str, limit: Limit, *, now: datetime) -> None:
    """What this door does for this subject is counted, by the same rules as attempts. Raises AskedTooOften (429)."""
    _count([Counted(_key(door, subject), limit, AskedTooOften, "This was asked for too often. Please wait.")], now)


@contextmanager
def counted(*together: Counted, now: datetime) -> Iterator[bool]:
    """What is done within is an attempt: it counts from the start, and is forgotten when it ends well, with the
    earlier ones where those are forgiven. A process too busy to look at the password does not count it.

    Of any number of parallel attempts no more go on than the limits allow, because each reads after it wrote. A
    refused attempt neither lengthens the wait nor leaves a row. Yields whether the first that counts takes no more
    after this one. Raises TooManyAttempts (429).
    """
    attempts, is_last = _count(together, now)
    try:
        yield is_last
    except Busy:
        _delete(attempts)
        raise
    for one, attempt in zip(together, attempts, strict=True):
        _delete(_recorded(one.key) if one.is_forgiven else [attempt])


def forget_attempts(identifier: str) -> None:
    """The identifier starts from none again, because somebody logged in with it."""
    _delete(_recorded(_hash(identifier)))


def _count(together: Sequence[Counted], now: datetime) -> tuple[list[LoginAttempt], bool]:
    """The attempt is on record everywhere, or nowhere and refused; and whether the first takes no more."""
    for one in together:
        _ensure_below(one.limit.times - 1, one, now)
    attempts = [LoginAttempt.create(counted_as=one.key, tried_at=now) for one in together]
    try:
        standing = [_ensure_below(one.limit.times, one, now) for one in together]
    except DomainError:
        _delete(attempts)
        raise
    return attempts, standing[0] >= together[0].limit.times


def _ensure_below(allowed: int, one: Counted, now: datetime) -> int:
    """How many there are within the window. Raises the refusal for more than allowed."""
    since = now - one.limit.window
    newest = list(LoginAttempt.objects(counted_as=one.key).filter(tried_at__gt=since).limit(allowed + 1))
    if len(newest) <= allowed:
        return len(newest)
    wait_seconds = math.ceil((newest[-1].tried_at + one.limit.window - now).total_seconds())
    raise one.refusal(one.message, details={"retry_after_seconds": max(1, wait_seconds)})


def _recorded(key: str) -> list[LoginAttempt]:
    return list(LoginAttempt.objects(counted_as=key).limit(1000))


def _delete(attempts: Sequence[LoginAttempt]) -> None:
    for attempt in attempts:
        attempt.delete()


def _failures(times: int, settings: Settings) -> Limit:
    return Limit(times, timedelta(seconds=settings.login_failures_window_seconds))


def _key(door: str, subject: str) -> str:
    return hmac.digest(door.encode(), _cleaned(subject), "sha256").hex()


def _hash(identifier: str) -> str:
    return hashlib.sha256(_cleaned(identifier)).hexdigest()


def _cleaned(text: str) -> bytes:
    return unicodedata.normalize("NFKC", text).strip().casefold().encode()
