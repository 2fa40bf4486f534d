"""One-time tokens: handed out once, redeemed once, for one purpose, and for as long as they say.

The tokens are random (256 bits) and kept as SHA-256 only, so a copy of the database opens nothing.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.models.accounts import OneTimeToken
from app.services.accounts.tokens import secret_hash
from app.utils.errors import DomainError, NotFound

LONGEST_LIFE = timedelta(days=7)


class TokenInvalid(DomainError):
    """The token was never handed out for this, was used, or is too old; never said which (422)."""

    code, status = "token_invalid", 422


@dataclass(frozen=True, slots=True)
class Issued:
    """What a token stands for. subject: a user's id, or an identifier that whoever issued it has sealed. tries: how
    often it was tried, where that is counted."""

    subject: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    tries: int = 0


def issue(purpose: str, subject: str, *, lives: timedelta, now: datetime, **payload: Any) -> str:
    """A token good for one `redeem` of the same purpose within `lives` (LONGEST_LIFE at most)."""
    if not timedelta() < lives <= LONGEST_LIFE:
        raise ValueError("a one-time token lives for up to seven days")
    token = secrets.token_urlsafe(32)
    OneTimeToken.create_if_absent(
        purpose=purpose,
        token_hash=secret_hash(token),
        subject=subject,
        payload=json.dumps(payload),
        expires_at=now + lives,
    )
    return token


def peek(purpose: str, token: str, *, now: datetime) -> Issued:
    """What the token stands for; it stays good. Raises TokenInvalid (422)."""
    row = OneTimeToken.find(purpose, secret_hash(token))
    if row is None or not row.is_good(now):
        raise _invalid()
    return _issued(row)


def redeem(purpose: str, token: str, *, now: datetime) -> Issued:
    """What the token stands for; of any number of calls one gets it. Raises TokenInvalid (422)."""

    def decide(row: OneTimeToken) -> dict[str, Any]:
        if not row.is_good(now):
            raise _invalid()
        return {"used_at": now}

    try:
        return _issued(OneTimeToken.change((purpose, secret_hash(token)), decide))
    except NotFound:
        raise _invalid() from None


def count_try(purpose: str, token: str, *, most: int, now: datetime) -> Issued:
    """What the token stands for; it stays good, but only for `most` such calls in all. Raises TokenInvalid (422)."""

    def decide(row: OneTimeToken) -> dict[str, Any]:
        if not row.is_good(now) or (row.tries or 0) >= most:
            raise _invalid()
        return {"tries": (row.tries or 0) + 1}

    try:
        return _issued(OneTimeToken.change((purpose, secret_hash(token)), decide))
    except NotFound:
        raise _invalid() from None


def _issued(row: OneTimeToken) -> Issued:
    return Issued(row.subject, json.loads(row.payload or "{}"), row.tries or 0)


def _invalid() -> TokenInvalid:
    return TokenInvalid("This link or code is not valid any more. Please ask for a new one.")
