"""Recovery codes: ten secrets on paper, each good once, for who lost the second factor.

A code has twelve signs. The first names its slot, so that one hash is looked at; the others are 55 random bits, kept
as argon2id (OWASP ASVS 5.0, 6.5.2: a lookup secret of less than 112 bits is hashed as a password is).
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.env import Settings
from app.models.accounts import SecondFactor, User
from app.services import messages
from app.services.accounts import passwords, second_step
from app.services.accounts.rights import Identity
from app.services.accounts.second_step import BadCode, NoSecondFactor
from app.utils.errors import NotFound
from app.utils.security_log import note

COUNT = 10
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: what is read for O, I or L is taken as 0 or 1."""
_READ_AS = str.maketrans("OIL", "011", " -")
_RANDOM_SIGNS = 11
_GROUP = 4


@dataclass(frozen=True, slots=True)
class Codes:
    """Fresh codes: as shown to the person, and as kept."""

    shown: tuple[str, ...] = field(repr=False)
    hashes: dict[str, str] = field(repr=False)


def new_codes(settings: Settings) -> Codes:
    """Ten codes that nobody has seen yet; making the hashes takes as long as ten logins."""
    plain = [slot + "".join(secrets.choice(_SIGNS) for _ in range(_RANDOM_SIGNS)) for slot in _SIGNS[:COUNT]]
    shown = ("-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP)) for code in plain)
    return Codes(tuple(shown), {code[0]: passwords.hash_password(code, settings, is_known=True) for code in plain})


def columns_of(codes: Codes, now: datetime) -> dict[str, Any]:
    """What the person's row holds of them; all earlier codes are dead."""
    return {"recovery_hashes": dict(codes.hashes), "recovery_made_at": now}


def renew(identity: Identity, *, now: datetime, settings: Settings) -> list[str]:
    """Ten new codes, shown only here; the old ones are dead. Raises NoSecondFactor (409)."""
    if not second_step.methods_of(identity.user, settings):
        raise NoSecondFactor("There is no second factor yet. Set one up first.")
    codes = new_codes(settings)
    SecondFactor.create_if_absent(user_id=identity.id)
    SecondFactor.change((identity.id,), lambda row: columns_of(codes, now))
    note("factor.added", user=identity.id, factor="recovery")
    messages.factor_added(identity.user, "A new set of recovery codes", key=f"recovery/{now.isoformat()}", now=now)
    return list(codes.shown)


def use_code(user: User, code: str, *, now: datetime, settings: Settings) -> None:
    """The code was one of this person's and is dead; of any number of calls one gets through.

    Raises BadCode (401), TooManyAttempts (429), Busy (503).
    """
    typed = read(code)
    with second_step.counted(user.id, now=now, settings=settings):
        left = _spend(user.id, typed, settings)
    note("factor.accepted", user=user.id, factor="recovery")
    messages.recovery_code_used(user, left=left, key=f"{typed[0]}/{now.isoformat()}", now=now)


def _spend(user_id: str, typed: str, settings: Settings) -> int:
    """The code is dead; returns how many are left. Raises BadCode (401), Busy (503)."""
    row = SecondFactor.find(user_id)
    kept = (row.recovery_hashes or {}).get(typed[:1]) if row else None
    if not passwords.verify_password(typed, kept, settings, is_known=True):
        note("factor.refused", user=user_id, factor="recovery")
        raise BadCode("This code is wrong.")

    def decide(found: SecondFactor) -> dict[str, Any]:
        standing = dict(found.recovery_hashes or {})
        if standing.pop(typed[:1], None) != kept:
            raise BadCode("This code is wrong.")
        return {"recovery_hashes": standing or None}

    try:
        return len(SecondFactor.change((user_id,), decide).recovery_hashes or {})
    except NotFound:
        raise BadCode("This code is wrong.") from None


def read(code: str) -> str:
    """The code as it is compared: capitals, without blanks and hyphens, look-alikes read as Crockford does."""
    return code.upper().translate(_READ_AS)
