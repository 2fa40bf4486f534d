"""A new email or phone: asked for by the owner, confirmed by the new end, and undone by the old one for a week.

The steps of the change itself are those of `names`: claim the new name, hold the old one, write the user row, settle.
Each may be the last before a crash; following the link or giving the code again goes on from there.
"""

import hmac
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from app.env import Settings
from app.models.accounts import ContactChange, User
from app.models.accounts.personal import APPLIED, PENDING, SUPERSEDED, UNDONE, VOID
from app.plugins import sms
from app.services.accounts import milestones, moving, names, one_time, telling
from app.services.accounts.attempts import TooManyAttempts
from app.services.accounts.one_time import TokenInvalid
from app.services.accounts.phones import clean_phone
from app.services.accounts.sessions import end_all_sessions
from app.utils.errors import DomainError, InvalidValue
from app.utils.ids import new_id
from app.utils.security_log import note

CONFIRM, UNDO = "email_change", "contact_undo"
EMAIL_LIVES, CODE_LIVES, UNDO_LIVES = timedelta(hours=24), timedelta(minutes=5), timedelta(days=7)
CODE_TRIES, ASKED_AN_HOUR = 5, 5
_BEFORE = {
    APPLIED: {PENDING},
    SUPERSEDED: {PENDING},
    UNDONE: {PENDING, APPLIED, SUPERSEDED},
    VOID: {PENDING, APPLIED, SUPERSEDED, UNDONE},
}


class BadCode(DomainError):
    """The code is wrong, or there is nothing to confirm (422)."""

    code, status = "code_wrong", 422


@dataclass(frozen=True, slots=True)
class PendingContacts:
    """What waits for the new end's word; empty when nothing does."""

    email: str = ""
    phone: str = ""


def pending(user_id: str, *, now: datetime) -> PendingContacts:
    """The changes of this person that can still be confirmed."""
    rows = ContactChange.objects(user_id=user_id).limit(500)
    return PendingContacts(**{row.kind: row.new_value for row in rows if row.is_open(now)})


def request_email(user: User, email: str, *, now: datetime, settings: Settings) -> None:
    """The new address has a link that makes it the user's, the present one a link that undoes it.

    An address of somebody else is answered alike; its owner is told instead, and no link is made.
    Raises InvalidValue (422), TooManyAttempts (429).
    """
    email = names.clean_email(email)
    if email == user.email:
        raise InvalidValue("This is your address already.", fields={"email": ["is your address already"]})
    change = _open(user, names.EMAIL, email, now, lives=EMAIL_LIVES)
    token = one_time.issue(CONFIRM, user.id, lives=EMAIL_LIVES, now=now, change=change.id)
    if _is_taken(user, names.EMAIL, email, now):
        telling.email_in_use(email, change_id=change.id, now=now)
    else:
        telling.email_to_confirm(email, change_id=change.id, token=token, settings=settings, now=now)
    _tell_old_end(user, change, now, settings)


def confirm_email(token: str, *, now: datetime) -> User:
    """The address is the user's and confirmed. Raises TokenInvalid (422), ContactTaken (409)."""
    issued = one_time.peek(CONFIRM, token, now=now)
    change = ContactChange.find_serial(issued.subject, names.EMAIL, issued.payload["change"])
    user = _living(issued.subject)
    if change is None or not change.is_open(now) or user.email not in (change.old_value, change.new_value):
        raise TokenInvalid("This link is not valid any more. Please ask for a new one.")
    user = _apply(user, change, now)
    with suppress(TokenInvalid):  # somebody pressed the link twice at once
        one_time.redeem(CONFIRM, token, now=now)
    return user


def request_phone(user: User, phone: str, *, now: datetime, settings: Settings) -> None:
    """A code that makes the number the user's is on its way to it; the user's mail address has a link that undoes it.

    A number without `+` is read as dialled in the user's country. Raises InvalidValue (422), TooManyAttempts (429).
    """
    phone = clean_phone(phone, country=user.country or settings.default_country)
    if phone == user.phone:
        raise InvalidValue("This is your number already.", fields={"phone": ["is your number already"]})
    code = f"{secrets.randbelow(1_000_000):06d}"
    is_taken = _is_taken(user, names.PHONE, phone, now)
    hashed = None if is_taken else partial(_code_hash, code=code, settings=settings)
    change = _open(user, names.PHONE, phone, now, lives=CODE_LIVES, code_hash=hashed)
    right = f"Your code is {code}. Texts can be intercepted: a passkey is safer."
    text = "Somebody wanted to use your number for another account." if is_taken else right
    sms.queue(f"contact/{change.id}", recipient=phone, text=text, now=now, expires_at=now + CODE_LIVES)
    _tell_old_end(user, change, now, settings)


def confirm_phone(user: User, code: str, *, now: datetime, settings: Settings) -> User:
    """The number is the user's. Raises BadCode (422), TooManyAttempts (429: the code is dead), ContactTaken (409)."""
    change = next((row for row in _changes(user.id, names.PHONE) if row.is_open(now)), None)
    if change is None:
        raise BadCode("The code is wrong or too old.", fields={"code": ["is wrong or too old"]})

    def count(row: ContactChange) -> dict[str, int]:
        if row.tries >= CODE_TRIES:
            raise TooManyAttempts("Too many wrong codes. Please ask for a new one.", details={"retry_after_seconds": 1})
        return {"tries": row.tries + 1}

    change = ContactChange.change(change.key, count)
    if not hmac.compare_digest(_code_hash(change.id, code, settings), change.code_hash or ""):
        raise BadCode("The code is wrong or too old.", fields={"code": ["is wrong or too old"]})
    return _apply(user, change, now)


def remove_phone(user: User, *, now: datetime, settings: Settings) -> User:
    """The user has no number any more; the mail address has a link that brings it back for a week."""
    if not user.phone:
        return user
    change = _open(user, names.PHONE, "", now, lives=CODE_LIVES)
    _tell_old_end(user, change, now, settings)
    return _apply(user, change, now)


def undo(token: str, *, now: datetime, settings: Settings) -> None:
    """The email or phone is again what it was before the change that the token speaks of, later changes are void, and
    every login of the user has ended. Raises TokenInvalid (422)."""
    issued = one_time.peek(UNDO, token, now=now)
    user = _living(issued.subject)
    kind = issued.payload["kind"]
    change = ContactChange.find_serial(user.id, kind, issued.payload["change"])
    if change is None or change.status == VOID:
        raise TokenInvalid("This link is not valid any more.")
    for row in _changes(user.id, kind):
        if row.requested_at >= change.requested_at and row.id != change.id:
            _mark(row, VOID, now)
    _mark(change, UNDONE, now)
    user = _living(user.id)  # read after the mark: who confirms at this moment sees the mark after writing the user
    if (moving.value_of(user, kind) or "") != change.old_value:
        user = moving.move(user, kind, change.old_value, hold_until=now, now=now, may_share=True)
    end_all_sessions(user.id, now=now)
    with suppress(TokenInvalid):
        one_time.redeem(UNDO, token, now=now)
    note("contact.undone", user=user.id, contact=kind, change=change.id)
    telling.contact_restored(user.email, kind=kind, change_id=change.id, settings=settings, now=now)


def void_pending(user_id: str, *, now: datetime) -> None:
    """No change of this user that waits can be confirmed any more."""
    for row in (*_changes(user_id, names.EMAIL), *_changes(user_id, names.PHONE)):
        if row.status == PENDING:
            _mark(row, VOID, now)


def _open(
    user: User, kind: str, value: str, now: datetime, *, lives: timedelta, code_hash: Callable[[str], str] | None = None
) -> ContactChange:
    """A change waits; those of the same kind that waited before are void. Raises TooManyAttempts (429)."""
    earlier = _changes(user.id, kind)
    recent = [row.requested_at for row in earlier if row.requested_at > now - timedelta(hours=1)]
    if len(recent) >= ASKED_AN_HOUR:
        wait = (min(recent) + timedelta(hours=1) - now).total_seconds()
        raise TooManyAttempts("Too many changes. Please wait.", details={"retry_after_seconds": max(1, int(wait))})
    for row in earlier:
        _mark(row, SUPERSEDED, now)
    change_id = new_id()
    change, _ = ContactChange.create_if_absent(
        user_id=user.id,
        kind=kind,
        id=change_id,
        old_value=moving.value_of(user, kind) or "",
        new_value=value,
        code_hash=code_hash(change_id) if code_hash else None,
        requested_at=now,
        expires_at=now + lives,
    )
    note("contact.asked", user=user.id, contact=kind, change=change_id)
    return change


def _apply(user: User, change: ContactChange, now: datetime) -> User:
    """The user carries the new value, unless the old end has undone the change meanwhile."""
    user = moving.move(user, change.kind, change.new_value, hold_until=now + UNDO_LIVES, now=now)
    if _mark(change, APPLIED, now).status != APPLIED:
        moving.move(user, change.kind, change.old_value, hold_until=now, now=now, may_share=True)
        raise TokenInvalid("This change was stopped.")
    note("contact.changed", user=user.id, contact=change.kind, change=change.id)
    milestones.note_completion(user, now=now)
    return user


def _mark(change: ContactChange, status: str, now: datetime) -> ContactChange:
    """The change has this status, if it may follow the one it has."""

    def decide(row: ContactChange) -> dict[str, object] | None:
        may = row.status in _BEFORE[status] and row.status != status
        return {"status": status, "settled_at": now, "code_hash": None} if may else None

    return ContactChange.change(change.key, decide)


def _changes(user_id: str, kind: str) -> list[ContactChange]:
    """The user's changes of a kind, newest first."""
    return sorted(
        ContactChange.objects(user_id=user_id, kind=kind).limit(500), key=lambda row: row.requested_at, reverse=True
    )


def _is_taken(user: User, kind: str, value: str, now: datetime) -> bool:
    return any(names.is_anothers(each, value, user.id, now=now) for each in moving.kinds_of(user, kind))


def _living(user_id: str) -> User:
    user = User.find(user_id)
    if user is None or user.erased_at is not None:
        raise TokenInvalid("This link is not valid any more.")
    return user


def _tell_old_end(user: User, change: ContactChange, now: datetime, settings: Settings) -> None:
    token = one_time.issue(UNDO, user.id, lives=UNDO_LIVES, now=now, kind=change.kind, change=change.id)
    telling.contact_changing(user.email, kind=change.kind, change_id=change.id, token=token, settings=settings, now=now)


def _code_hash(change_id: str, code: str, settings: Settings) -> str:
    """Keyed, for six digits alone are guessed from any plain hash."""
    return hmac.digest(settings.secret_key.encode(), f"contact {change_id} {code}".encode(), "sha256").hex()
