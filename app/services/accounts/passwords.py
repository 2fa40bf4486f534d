"""Passwords: what is accepted, and how it is kept (argon2id, OWASP's parameters, in settings)."""

import secrets
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from app.env import Settings
from app.utils.errors import InvalidValue

SHORTEST, LONGEST = 8, 128


def ensure_acceptable(password: str, *, username: str, email: str) -> None:
    """The password may be used: 8 to 128 characters, and neither the username nor the email.

    Raises InvalidValue (422) with the field `password`.
    """
    faults = []
    if not SHORTEST <= len(password) <= LONGEST:
        faults.append(f"Must have {SHORTEST} to {LONGEST} characters.")
    if password.strip().casefold() in {username.casefold(), email.casefold()} - {""}:
        faults.append("Must differ from your username and email.")
    if faults:
        raise InvalidValue("This password cannot be used.", fields={"password": faults})


def hash_password(password: str, settings: Settings) -> str:
    """The argon2id hash to keep for this password."""
    return _hasher(settings).hash(_normalised(password))


def verify_password(password: str, password_hash: str | None, settings: Settings) -> bool:
    """Whether the password belongs to the hash; without a hash the same work is done and the answer is no."""
    hasher = _hasher(settings)
    known = password_hash or _decoy(settings.argon2_memory_kib, settings.argon2_iterations, settings.argon2_parallelism)
    try:
        hasher.verify(known, _normalised(password))
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


def needs_rehash(password_hash: str, settings: Settings) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher(settings).check_needs_rehash(password_hash)


def _normalised(password: str) -> str:
    # one password typed on two keyboards must be one byte sequence (NIST SP 800-63B, 5.1.1.2)
    return unicodedata.normalize("NFKC", password)


def _hasher(settings: Settings) -> PasswordHasher:
    return _hasher_of(settings.argon2_memory_kib, settings.argon2_iterations, settings.argon2_parallelism)


@lru_cache(maxsize=8)
def _hasher_of(memory_kib: int, iterations: int, parallelism: int) -> PasswordHasher:
    return PasswordHasher(time_cost=iterations, memory_cost=memory_kib, parallelism=parallelism)


@lru_cache(maxsize=8)
def _decoy(memory_kib: int, iterations: int, parallelism: int) -> str:
    return _hasher_of(memory_kib, iterations, parallelism).hash(secrets.token_urlsafe(32))
