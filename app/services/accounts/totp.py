"""The authenticator app: time-based one-time passwords (RFC 6238: SHA-1, six digits, steps of 30 seconds).

Every authenticator app knows exactly these parameters. A code is good in its own step and one before and after, and
once: the step it belongs to is remembered by a conditional write.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

import pyotp
import segno

from app.env import Settings
from app.models.accounts import SecondFactor
from app.plugins import vault
from app.services import messages
from app.services.accounts import recovery, second_step
from app.services.accounts.rights import Identity
from app.services.accounts.second_step import BadCode, NoSecondFactor
from app.services.accounts.sessions import mark_second_factor
from app.utils.errors import DomainError, NotFound
from app.utils.security_log import note

ISSUER = "Marketplace"
AUTHENTICATOR_APP = "An authenticator app"
STEP_SECONDS = 30
DRIFT_STEPS = 1
_SECRET_LETTERS = 32
"""160 bits in base32, what RFC 4226 (section 4, R6) recommends."""
_PURPOSE = "totp"


class FactorActive(DomainError):
    """An authenticator app is set up already (409)."""

    code, status = "factor_active", 409


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app is set up with. secret: base32; uri: otpauth; picture: the uri as a QR code in SVG."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    picture: str = field(repr=False)


def enrol(identity: Identity, *, now: datetime, settings: Settings) -> Enrolment:
    """A new secret waits to be confirmed by a code; one that waited before is forgotten.

    Raises FactorActive, ContactUnconfirmed (409).
    """
    second_step.ensure_may_enrol(identity.user)
    secret = pyotp.random_base32(_SECRET_LETTERS)
    sealed = vault.seal(settings, _PURPOSE, secret.encode()).decode()
    _row_of(identity.id)

    def decide(row: SecondFactor) -> dict[str, Any]:
        _ensure_not_active(row)
        return {"totp_sealed": sealed, "totp_enrolled_at": now, "totp_last_step": None}

    SecondFactor.change((identity.id,), decide)
    uri = pyotp.TOTP(secret).provisioning_uri(name=identity.username, issuer_name=ISSUER)
    return Enrolment(secret, uri, _picture(uri))


def confirm(identity: Identity, code: str, *, now: datetime, settings: Settings) -> list[str]:
    """Logins need a second factor from now on; returns the recovery codes, which are shown only here.

    Raises BadCode (401), FactorActive, NoSecondFactor (409: nothing was enrolled), ContactUnconfirmed (409),
    TooManyAttempts (429), Busy (503).
    """
    second_step.ensure_may_enrol(identity.user)
    with second_step.counted(identity.id, now=now, settings=settings):
        _first_step(_row_of(identity.id), code, now, settings)  # before ten hashes are made in vain
        codes = recovery.new_codes(settings)
        is_first = second_step.may_enrol_into(identity)

        def decide(row: SecondFactor) -> dict[str, Any]:
            step = _first_step(row, code, now, settings)
            return {"totp_confirmed_at": now, "totp_last_step": step, **recovery.columns_of(codes, now)}

        SecondFactor.change((identity.id,), decide)
    if is_first:
        mark_second_factor(identity, now=now)
    note("factor.added", user=identity.id, factor="totp")
    messages.factor_added(identity.user, AUTHENTICATOR_APP, key=f"totp/{now.isoformat()}", now=now)
    return list(codes.shown)


def use_code(user_id: str, code: str, *, now: datetime, settings: Settings) -> None:
    """The code was the app's and is used up. Raises BadCode (401), TooManyAttempts (429)."""

    def decide(row: SecondFactor) -> dict[str, Any]:
        if not row.is_active:
            raise BadCode("This code is wrong.")
        return {"totp_last_step": _accepted_step(row, code, now, settings)}

    with second_step.counted(user_id, now=now, settings=settings):
        try:
            SecondFactor.change((user_id,), decide)
        except (NotFound, BadCode):
            note("factor.refused", user=user_id, factor="totp")
            raise BadCode("This code is wrong.") from None
    note("factor.accepted", user=user_id, factor="totp")


def remove(identity: Identity, *, now: datetime) -> None:
    """Logins need no second factor any more, and the recovery codes are gone. Raises NotFound (404): there is none."""

    def decide(row: SecondFactor) -> dict[str, Any]:
        if not row.is_active:
            raise NotFound("There is no authenticator app.")
        return {
            "totp_sealed": None,
            "totp_enrolled_at": None,
            "totp_confirmed_at": None,
            "totp_last_step": None,
            "recovery_hashes": None,
            "recovery_made_at": None,
        }

    SecondFactor.change((identity.id,), decide)
    note("factor.removed", user=identity.id, factor="totp")
    messages.factor_removed(identity.user, AUTHENTICATOR_APP, key=f"totp/{now.isoformat()}", now=now)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The newest step within the drift whose code this is; None for none. All are compared, whichever matches."""
    current = int(now.timestamp()) // STEP_SECONDS
    app = pyotp.TOTP(secret)
    found = None
    for step in range(max(0, current - DRIFT_STEPS), current + DRIFT_STEPS + 1):
        if hmac.compare_digest(app.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def _accepted_step(row: SecondFactor, code: str, now: datetime, settings: Settings) -> int:
    secret = vault.unseal(settings, _PURPOSE, row.totp_sealed.encode()).decode()
    step = matching_step(secret, code, now)
    if step is None or step <= (row.totp_last_step or 0):
        raise BadCode("This code is wrong.")
    return step


def _first_step(row: SecondFactor, code: str, now: datetime, settings: Settings) -> int:
    _ensure_not_active(row)
    if row.totp_sealed is None:
        raise NoSecondFactor("Ask for a secret first.")
    return _accepted_step(row, code, now, settings)


def _row_of(user_id: str) -> SecondFactor:
    row = SecondFactor.find(user_id)
    return row or SecondFactor.create_if_absent(user_id=user_id)[0]


def _ensure_not_active(row: SecondFactor) -> None:
    if row.is_active:
        raise FactorActive("This is set up already. Remove it first.")


def _picture(uri: str) -> str:
    out = BytesIO()
    segno.make(uri, error="m").save(out, kind="svg", scale=5, border=4, xmldecl=False, title="QR code", omitsize=False)
    return out.getvalue().decode()
