"""The second step of a login: who has to take it, and the ticket that waits for it.

A person with an authenticator app is asked for a second factor after every login by one factor. Passkeys alone do not
ask for it, for they would lock out whoever logs in by password on another device; only staff who must have a second
factor are asked for theirs.
"""

import hmac
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.env import Settings
from app.models.accounts import Passkey, SecondFactor, User
from app.services.accounts import attempts, one_time
from app.services.accounts.rights import Identity
from app.services.accounts.sessions import SessionStart
from app.utils.errors import DomainError

PURPOSE = "second-step"
TICKET_LIVES = timedelta(minutes=5)
TICKET_TRIES = 5
TOTP, RECOVERY, PASSKEY = "totp", "recovery", "passkey"
METHODS = (TOTP, RECOVERY, PASSKEY)


class SecondFactorRequired(DomainError):
    """The first factor was right; `details.ticket` and one of `details.methods` complete the login (401)."""

    code, status = "second_factor_required", 401


class EnrolmentRequired(DomainError):
    """This account must have a second factor and shows none, so that it can only set one up (403)."""

    code, status = "second_factor_enrolment_required", 403


class BadCode(DomainError):
    """The code is wrong, too old, or was used before; never said which (401)."""

    code, status = "bad_code", 401


class NoSecondFactor(DomainError):
    """There is no second factor to do this with (409)."""

    code, status = "no_second_factor", 409


class ContactUnconfirmed(DomainError):
    """No address or number of this account is confirmed yet, so that it takes no factor (409)."""

    code, status = "contact_unconfirmed", 409


@dataclass(frozen=True, slots=True)
class Waiting:
    """A login that waits for its second step. is_last_try: its ticket is good for no more."""

    user_id: str
    start: SessionStart
    is_last_try: bool = False


def is_required_of(user: User, settings: Settings) -> bool:
    """Whether this account must have a second factor: admins and superusers, where the settings say so."""
    return settings.second_factor_required_for_staff and bool(user.is_admin or user.is_superuser)


def ensure_enrolled(identity: Identity, settings: Settings) -> None:
    """Raises EnrolmentRequired (403) for who must have a second factor and showed none in this login."""
    if identity.session.second_factor_at is None and is_required_of(identity.user, settings):
        raise EnrolmentRequired("Your account needs a second factor. Set one up to go on.")


def ensure_may_enrol(user: User) -> None:
    """Raises ContactUnconfirmed (409) before a mail address or phone number is confirmed.

    Otherwise somebody could sign up with a stranger's address, or a mistyped one, and keep its owner out by a factor.
    """
    if user.email_confirmed_at is None and user.phone_confirmed_at is None:
        raise ContactUnconfirmed("Please confirm your mail address or phone number first.")


def ensure_not_needed(user: User, start: SessionStart, *, now: datetime, settings: Settings) -> None:
    """Raises SecondFactorRequired (401), with a ticket, for who has a second factor that must be shown."""
    methods = methods_of(user, settings)
    if not methods:
        return
    ticket = one_time.issue(
        PURPOSE,
        user.id,
        lives=TICKET_LIVES,
        now=now,
        kind=start.kind,
        device=start.device_name,
        address=start.address,
        familiar_to=start.familiar_to,
    )
    raise SecondFactorRequired(
        "Please confirm the login with your second factor.",
        details={"ticket": ticket, "methods": methods, "expires_in": int(TICKET_LIVES.total_seconds())},
    )


def methods_of(user: User, settings: Settings) -> list[str]:
    """What the second step of this person's logins can be taken with; empty: there is none."""
    factor = SecondFactor.find(user.id)
    has_app = factor is not None and factor.is_active
    if not has_app and not is_required_of(user, settings):
        return []
    methods = [TOTP] if has_app else []
    if any(passkey.locked_at is None for passkey in Passkey.objects(user_id=user.id).limit(100)):
        methods.append(PASSKEY)
    if methods and factor is not None and factor.recovery_hashes:
        methods.append(RECOVERY)
    return sorted(methods, key=METHODS.index)


def may_enrol_into(identity: Identity) -> bool:
    """Whether setting a factor up gives this login a second factor: where one was shown before, or there was none.

    Otherwise whoever has an old login and the password could set up one of their own beside the person's.
    """
    if identity.session.second_factor_at is not None:
        return True
    factor = SecondFactor.find(identity.id)
    return not (factor and factor.is_active) and not list(Passkey.objects(user_id=identity.id).limit(1))


def peek(ticket: str, *, now: datetime) -> Waiting:
    """The login that waits; nothing is spent. Raises TokenInvalid (422)."""
    return _waiting(one_time.peek(PURPOSE, ticket, now=now))


def count_try(ticket: str, *, now: datetime) -> Waiting:
    """The login that waits; one of the ticket's TICKET_TRIES is spent. Raises TokenInvalid (422)."""
    return _waiting(one_time.count_try(PURPOSE, ticket, most=TICKET_TRIES, now=now))


def use_up(ticket: str, *, now: datetime) -> None:
    """The ticket is dead: of any number of calls one gets through. Raises TokenInvalid (422)."""
    one_time.redeem(PURPOSE, ticket, now=now)


def counted(user_id: str, *, now: datetime, settings: Settings) -> AbstractContextManager[bool]:
    """What is done within is a try at this person's second factor. Raises TooManyAttempts (429).

    Counted under a name that nobody can type into the name field of a login: nobody else can use up the tries.
    """
    name = hmac.digest(settings.secret_key.encode(), f"second factor of {user_id}".encode(), "sha256").hex()
    return attempts.counted(attempts.for_name(name, settings), now=now)


def _waiting(issued: one_time.Issued) -> Waiting:
    origin = issued.payload
    start = SessionStart(origin["kind"], origin["device"], origin["address"], origin.get("familiar_to", ""))
    return Waiting(issued.subject, start, is_last_try=issued.tries >= TICKET_TRIES)
