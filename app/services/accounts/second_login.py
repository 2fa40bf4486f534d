"""The second step itself: a ticket and a second factor for a session."""

from dataclasses import dataclass, field
from datetime import datetime

from app.env import Settings
from app.models.accounts import User
from app.services.accounts import new_devices, passkeys, recovery, second_step, totp
from app.services.accounts.login import complete_login
from app.services.accounts.one_time import TokenInvalid
from app.services.accounts.passkeys import Credential, Options, PasskeyRefused
from app.services.accounts.second_step import BadCode
from app.services.accounts.sessions import SignedIn


@dataclass(frozen=True, slots=True)
class SecondFactorGiven:
    """What a person shows. method: one of second_step.METHODS; a code, or a passkey's credential."""

    method: str
    code: str = field(default="", repr=False)
    credential: Credential | None = field(default=None, repr=False)


def finish(
    ticket: str, given: SecondFactorGiven, *, replaces: str | None, now: datetime, settings: Settings
) -> SignedIn:
    """The login that the ticket stands for is complete; its session knows of the second factor.

    Raises BadCode, PasskeyRefused (401: the ticket stays good until its fifth try), TokenInvalid (422),
    TooManyAttempts (429), UserInactive (403), Busy (503).
    """
    waiting = second_step.count_try(ticket, now=now)
    user = User.find(waiting.user_id)
    if user is None:
        raise TokenInvalid("This login is not valid any more. Please start again.")
    try:
        _ensure_given(user, given, now, settings)
    except (BadCode, PasskeyRefused):
        if waiting.is_last_try:
            new_devices.tell_second_step_failures(user, now=now)
        raise
    second_step.use_up(ticket, now=now)
    replaced = replaces if waiting.start.kind == "browser" else None
    return complete_login(user, waiting.start, replaces=replaced, now=now, settings=settings, has_second_factor=True)


def begin_passkey(ticket: str, *, now: datetime, settings: Settings) -> Options:
    """What the browser uses one of the person's passkeys with. Raises TokenInvalid (422)."""
    waiting = second_step.peek(ticket, now=now)
    allowed = passkeys.known(passkeys.list_passkeys(waiting.user_id))
    return passkeys.begin_use(passkeys.SECOND, waiting.user_id, allowed, now=now, settings=settings)


def _ensure_given(user: User, given: SecondFactorGiven, now: datetime, settings: Settings) -> None:
    if given.method not in second_step.methods_of(user, settings):
        raise BadCode("This code is wrong.")
    if given.method == second_step.TOTP:
        totp.use_code(user.id, given.code, now=now, settings=settings)
    elif given.method == second_step.RECOVERY:
        recovery.use_code(user, given.code, now=now, settings=settings)
    elif passkeys.use(passkeys.SECOND, given.credential or {}, now=now, settings=settings) != user.id:
        raise PasskeyRefused("This passkey was not accepted.")
