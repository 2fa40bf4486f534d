"""The door for who has lost every second factor and the recovery codes: staff take the factors off.

What stays is the first factor: nobody comes in by this alone, and a new factor wants a fresh proof and a confirmed
address as the first one did. Whether it is really the person who asks, staff find out; the reason says how.
"""

from dataclasses import dataclass
from datetime import datetime

from app.models.accounts import SecondFactor, User
from app.services import audit
from app.services.accounts import letters, passkeys, ways_in
from app.services.accounts.administration import Check, OwnAccount
from app.services.accounts.forgetting import forget_second_factors
from app.services.accounts.profile import get_user
from app.services.accounts.rights import PLATFORM_CODES, Forbidden, ensure_may, rights_of
from app.services.accounts.roles import Authority
from app.services.accounts.second_step import NoSecondFactor
from app.services.accounts.sessions import end_all_sessions
from app.services.accounts.ways_in import LastWayIn
from app.services.audit import Deed
from app.utils.errors import InvalidValue
from app.utils.security_log import note

RESET = "users.factor.reset"
REASON_MIN = 5


@dataclass(frozen=True, slots=True)
class Removed:
    """What an account has lost."""

    authenticator_app: bool
    passkeys: int


def reset_factors(
    user_id: str, by: Authority, *, reason: str, check: Check = lambda user: None, now: datetime
) -> Removed:
    """Authenticator app, recovery codes and passkeys of the user are gone, all logins have ended, and they are told.

    The log knows of it before it happens. reason: how the person showed who they are.
    Raises NotFound (404), Forbidden (403: somebody who may do as much, or more), OwnAccount, NoSecondFactor,
    LastWayIn, ConcurrentChange (409), InvalidValue (422: too short a reason).
    """
    ensure_may(by.rights, RESET)
    if len(reason.strip()) < REASON_MIN:
        raise InvalidValue("Say why.", fields={"reason": [f"has {REASON_MIN} characters or more"]})
    user = get_user(user_id)
    _ensure_below(user, by)
    check(user)
    removed = _standing(user)
    deed = Deed(
        "users.factor.reset",
        "user",
        user.id,
        before={"authenticator_app": removed.authenticator_app, "passkeys": removed.passkeys},
        after={"authenticator_app": False, "passkeys": 0},
        reason=reason.strip(),
    )
    audit.record(deed, by.actor, now=now)
    end_all_sessions(user.id, now=now)  # whoever found the device is out before they could add a factor of their own
    forget_second_factors(user.id)
    end_all_sessions(user.id, now=now)
    note("factor.reset", user=user.id, by=by.rights.id)
    letters.factors_reset(user, now=now)
    return removed


def _ensure_below(user: User, by: Authority) -> None:
    """Raises OwnAccount (409), and Forbidden (403) unless whoever acts has more rights than the user: colleagues
    cannot be talked into opening each other's accounts."""
    if user.id == by.rights.id:
        raise OwnAccount("This cannot be done to your own account.")
    if not rights_of(user).platform & PLATFORM_CODES < by.rights.platform & PLATFORM_CODES:
        raise Forbidden("Only somebody with more rights resets the second factor of staff.")


def _standing(user: User) -> Removed:
    """What there is to remove. Raises NoSecondFactor (409), LastWayIn (409) for who comes in by passkeys alone."""
    row, keys = SecondFactor.find(user.id), passkeys.list_passkeys(user.id)
    removed = Removed(row is not None and row.is_active, len(keys))
    if not removed.authenticator_app and not keys:
        raise NoSecondFactor("There is no second factor to reset.")
    if not ways_in.ways_into(user) - {ways_in.of_passkey(passkey) for passkey in keys}:
        raise LastWayIn("Without the passkeys nobody could get into this account.")
    return removed
