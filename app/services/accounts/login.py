"""Logging in by password: one answer and equal work for every reason to refuse, and a count of failures.

A name that nobody has is counted as one that somebody has, looked up in the same way, and its password is verified
against a decoy; so neither the answer nor its time tells whether there is such an account.
"""

from dataclasses import dataclass, field
from datetime import datetime

from app.env import Settings
from app.models.accounts import User
from app.services.accounts import attempts, names, new_devices, passwords, second_step, tokens
from app.services.accounts.rights import Identity, ensure_active
from app.services.accounts.sessions import (
    SessionStart,
    SignedIn,
    end_session_of_cookie,
    mark_proved,
    rotate_refresh,
    start_session,
)
from app.utils.errors import DomainError
from app.utils.security_log import note


class BadCredentials(DomainError):
    """The name, the password or both are wrong; never said which (401)."""

    code, status = "bad_credentials", 401


@dataclass(frozen=True, slots=True)
class Credentials:
    """identifier: username or email as typed; familiar: the token of a browser that somebody has logged in with."""

    identifier: str
    password: str = field(repr=False)
    familiar: str = field(default="", repr=False)


def log_in(
    credentials: Credentials, start: SessionStart, *, replaces: str | None, now: datetime, settings: Settings
) -> SignedIn:
    """A new session for whoever proves to know the password; the cookie it `replaces` is dead (rotation).

    Raises BadCredentials, SecondFactorRequired (401), TooManyAttempts (429), Busy (503), UserInactive (403); the
    second and the last are only told to who knows the password.
    """
    browser_id = _familiar_browser(credentials, now, settings)
    counted = _counted_as(credentials.identifier, browser_id, start.address, settings)
    with attempts.counted(*counted, now=now) as is_last:
        user = User.find(names.find_holder(credentials.identifier) or names.NOBODY)
        kept = user.password_hash if user else None
        is_right = passwords.verify_password(credentials.password, kept, settings, is_known=bool(browser_id))
        if not is_right or user is None:
            note("factor.refused", user=user.id if user else "", factor="password")
            if is_last and not browser_id:
                new_devices.tell_failures(user, credentials.identifier, now=now)
            raise BadCredentials("Wrong name or password.")
    note("factor.accepted", user=user.id, factor="password")
    if passwords.needs_rehash(user.password_hash, settings):
        user.update(password_hash=passwords.hash_password(credentials.password, settings, is_known=True))
    return complete_login(user, start, replaces=replaces, now=now, settings=settings)


def complete_login(
    user: User,
    start: SessionStart,
    *,
    replaces: str | None,
    now: datetime,
    settings: Settings,
    has_second_factor: bool = False,
) -> SignedIn:
    """A new session for somebody who has proved to be this user, whichever way; they hear of it by mail when it comes
    from where they have not logged in before.

    has_second_factor: the way in was two factors in itself.
    Raises UserInactive (403), SecondFactorRequired (401).
    """
    ensure_active(user)
    if not has_second_factor:
        second_step.ensure_not_needed(user, start, now=now, settings=settings)
    is_new = new_devices.is_new(user, start)
    signed_in = start_session(user, start, now=now, settings=settings, has_second_factor=has_second_factor)
    user.update(last_login_at=now)
    if is_new:
        new_devices.tell_login(user, start, now=now)
    if replaces:
        end_session_of_cookie(replaces, now=now)
    return signed_in


def prove_by_password(identity: Identity, password: str, *, now: datetime, settings: Settings) -> None:
    """The session counts as proved from now on. Raises BadCredentials (401), TooManyAttempts (429), Busy (503)."""
    with attempts.counted(attempts.for_proofs(identity.id, settings), now=now):
        if not passwords.verify_password(password, identity.user.password_hash, settings, is_known=True):
            note("factor.refused", user=identity.id, factor="password")
            raise BadCredentials("Wrong password.")
    note("factor.accepted", user=identity.id, factor="password")
    mark_proved(identity, now=now)


def refresh_login(refresh_token: str, *, now: datetime, settings: Settings) -> SignedIn:
    """A new pair of tokens for a refresh token, which is dead after. Raises as `rotate_refresh`."""
    return rotate_refresh(refresh_token, now=now, settings=settings)


def _familiar_browser(credentials: Credentials, now: datetime, settings: Settings) -> str:
    """The id of the browser, when it is one that this very user has logged in with; else empty.

    Strangers' tries cost no read here, so that refusing them is cheap.
    """
    claim = tokens.read_familiar_token(credentials.familiar, now=now, settings=settings)
    is_theirs = claim is not None and claim.user_id == names.find_holder(credentials.identifier)
    return claim.session_id if claim is not None and is_theirs else ""


def _counted_as(identifier: str, browser_id: str, address: str, settings: Settings) -> list[attempts.Counted]:
    """Strangers count for the name and for their address; a familiar browser for itself."""
    if browser_id:
        return [attempts.for_browser(browser_id, settings)]
    strangers = [attempts.for_name(identifier, settings)]
    return [*strangers, attempts.for_address(address, settings)] if address else strangers
