"""Addresses and numbers that belong to the person who entered them: confirmed by a link or by a code."""

from datetime import datetime, timedelta
from typing import Any

from app.models.accounts import User
from app.services.accounts import attempts, contacts, letters, milestones, names, one_time
from app.services.accounts.forgetting import forget_factors
from app.services.accounts.sessions import end_all_sessions
from app.services.accounts.tokens import secret_hash
from app.utils.security_log import note

LINK_LIVES = timedelta(days=7)
RESENDS = attempts.Limit(5, timedelta(hours=1))
_TOKEN = "confirm-email"


def new_link_token(user: User, *, now: datetime) -> str:
    """A token that confirms the address which the user has now."""
    return one_time.issue(_TOKEN, user.id, lives=LINK_LIVES, now=now, email=secret_hash(user.email or ""))


def confirm_email(token: str, *, now: datetime) -> User:
    """The address to which the token was sent is confirmed. Raises TokenInvalid (422), also after it was changed."""
    issued = one_time.redeem(_TOKEN, token, now=now)
    user = User.find(issued.subject)
    if user is None or secret_hash(user.email or "") != issued.payload["email"]:
        raise one_time.TokenInvalid("This link is for another address than the account has now.")
    if user.email_confirmed_at:
        return user
    user = user.update(email_confirmed_at=now)
    note("contact.confirmed", user=user.id, contact=names.EMAIL)
    milestones.note_completion(user, now=now)
    return user


def resend_confirmation(user: User, *, now: datetime) -> None:
    """A new link is on its way, unless there is nothing to confirm. Raises AskedTooOften (429)."""
    if not user.email or user.email_confirmed_at:
        return
    attempts.count_request("confirm-email", user.id, RESENDS, now=now)
    letters.confirm_email(user, new_link_token(user, now=now), now=now, expires_at=now + LINK_LIVES)


def note_proof(user: User, kind: str, *, now: datetime) -> User:
    """The person who is coming in has just proved to hold this account's address (names.EMAIL) or number.

    An address that nobody had proved before may have been entered by a stranger who waits for its owner to come: what
    the stranger could have set to get in again is void, and the owner hears of it.
    """
    if kind == names.PHONE or user.email_confirmed_at:
        return user
    had_password = bool(user.password_hash)
    user = void_unproven(user, now=now)
    if had_password:
        letters.password_removed(user, now=now)
    return user


def void_unproven(user: User, *, now: datetime) -> User:
    """The address counts as confirmed. Password, factors, number, sessions and changes of contacts that wait are void.

    The number too when it was confirmed: by a code to it the stranger would come in again, and beside it factors could
    be set up (`second_step.ensure_may_enrol`).
    """
    phone = user.phone
    changes: dict[str, Any] = {"phone": None, "phone_confirmed_at": None} if phone else {}
    contacts.void_pending(user.id, now=now)
    if phone:
        names.loosen(names.PHONE, phone, user.id, now=now)
    forget_factors(user.id)
    user = user.update(email_confirmed_at=now, password_hash=None, **changes)
    if phone:
        names.release(names.PHONE, phone, user.id)
    end_all_sessions(user.id, now=now)
    note("contact.confirmed", user=user.id, contact=names.EMAIL, voided=True)
    milestones.note_completion(user, now=now)
    return user
