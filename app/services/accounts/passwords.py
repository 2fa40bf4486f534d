"""Passwords: what is accepted, and how it is kept (argon2id, OWASP's parameters, in settings).

A hash takes a core and some twenty MiB for a while. Each process therefore computes a few at once and lets some wait;
whoever comes when the line is full is told so at once, so that a burst of logins leaves threads for everybody else.
People who have shown something already (a browser they logged in with before, a session, a mailed link) have a line of
their own, which strangers cannot fill.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from app.env import Settings
from app.plugins.breached_passwords import is_breached
from app.utils.errors import DomainError, InvalidValue
from app.utils.gates import Gate, GateFull

SHORTEST, LONGEST = 8, 128
CONTEXT_WORDS = (
    "marketplace", "market", "school", "store", "shop", "course", "student", "teacher", "seller", "admin",
    "administrator", "superuser", "password", "welcome", "support",
)  # fmt: skip
"""What this place makes everybody think of: a password that is such words, with digits or signs, is guessed first."""
_CONTEXT = re.compile(rf"({'|'.join(sorted(CONTEXT_WORDS, key=len, reverse=True))})+")
_BACK_IN_SECONDS = 1


class Busy(DomainError):
    """More people are logging in than this process can serve; nothing was counted or changed (503)."""

    code, status = "busy", 503


def ensure_acceptable(password: str, *, username: str, email: str) -> None:
    """The password may be used: 8 to 128 characters, neither the username nor the email, more than CONTEXT_WORDS, and
    not known from a breach.

    Raises InvalidValue (422) with the field `password`.
    """
    faults = []
    if not SHORTEST <= len(password) <= LONGEST:
        faults.append(f"Must have {SHORTEST} to {LONGEST} characters.")
    if password.strip().casefold() in {username.casefold(), email.casefold()} - {""}:
        faults.append("Must differ from your username and email.")
    if is_breached(password):
        faults.append("Is on a list of stolen passwords, which are tried first. Please choose another one.")
    elif _CONTEXT.fullmatch("".join(sign for sign in password.casefold() if sign.isalpha())):
        faults.append("Consists of words that everybody thinks of here. Please choose another one.")
    if faults:
        raise InvalidValue("This password cannot be used.", fields={"password": faults})


def hash_password(password: str, settings: Settings, *, is_known: bool = False) -> str:
    """The argon2id hash to keep for this password. is_known: in which line to wait. Raises Busy (503)."""
    with _turn(settings, is_known):
        return _hasher(settings).hash(_normalised(password))


def verify_password(password: str, password_hash: str | None, settings: Settings, *, is_known: bool = False) -> bool:
    """Whether the password belongs to the hash; without a hash the same work is done and the answer is no.

    is_known: in which line to wait. Raises Busy (503).
    """
    hasher = _hasher(settings)
    kept = password_hash or _decoy(settings.argon2_memory_kib, settings.argon2_iterations, settings.argon2_parallelism)
    with _turn(settings, is_known):
        try:
            hasher.verify(kept, _normalised(password))
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
    return bool(password_hash)


def needs_rehash(password_hash: str, settings: Settings) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher(settings).check_needs_rehash(password_hash)


def _normalised(password: str) -> str:
    # one password typed on two keyboards must be one byte sequence (NIST SP 800-63B, 5.1.1.2)
    return unicodedata.normalize("NFKC", password)


@contextmanager
def _turn(settings: Settings, is_known: bool) -> Iterator[None]:
    try:
        with _gate(settings.argon2_at_once, settings.argon2_waiting, is_known).passing():
            yield
    except GateFull:
        raise Busy(
            "Very many people are logging in right now. Please try again in a moment.",
            details={"retry_after_seconds": _BACK_IN_SECONDS},
        ) from None


@lru_cache(maxsize=8)
def _gate(at_once: int, waiting: int, is_known: bool) -> Gate:
    """The line of strangers, or of people who have shown something."""
    return Gate(at_once, waiting)


def _hasher(settings: Settings) -> PasswordHasher:
    return _hasher_of(settings.argon2_memory_kib, settings.argon2_iterations, settings.argon2_parallelism)


@lru_cache(maxsize=8)
def _hasher_of(memory_kib: int, iterations: int, parallelism: int) -> PasswordHasher:
    return PasswordHasher(time_cost=iterations, memory_cost=memory_kib, parallelism=parallelism)


@lru_cache(maxsize=8)
def _decoy(memory_kib: int, iterations: int, parallelism: int) -> str:
    return _hasher_of(memory_kib, iterations, parallelism).hash(secrets.token_urlsafe(32))
