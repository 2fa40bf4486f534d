"""A user goes over from one email or phone to another; the names follow, whatever step a crash leaves out."""

from datetime import datetime
from typing import Any

from app.models.accounts import User
from app.services.accounts import names
from app.utils.errors import DomainError


class ContactTaken(DomainError):
    """Another account has this email or phone (409)."""

    code, status = "contact_taken", 409


def value_of(user: User, kind: str) -> str | None:
    """The email or phone that the user carries."""
    return user.email if kind == names.EMAIL else user.phone


def kinds_of(user: User, kind: str) -> list[str]:
    """The names that move together: whose email is the username changes both."""
    return [names.EMAIL, names.USERNAME] if kind == names.EMAIL and user.username == user.email else [kind]


def move(user: User, kind: str, value: str, *, hold_until: datetime, now: datetime, may_share: bool = False) -> User:
    """The user carries the value, confirmed, and holds its names; the old ones are held until `hold_until`.

    value: cleaned; an empty phone means none. may_share: who has a username of their own gets an email back that
    another account logs in by. Doing it again changes nothing. Raises ContactTaken (409).
    """
    kinds, old = kinds_of(user, kind), value_of(user, kind)
    claimed = _claim(kinds, value, user, now, may_share and kinds == [names.EMAIL])
    if old and old != value:
        for each in kinds:
            names.hold(each, old, user.id, until=hold_until)
    user = user.update(**_columns(kinds, value, now))
    settled = [names.settle(each, value, user.id) for each in claimed]
    if not all(settled):
        user = user.update(**_columns(kinds, old or "", now))
        for each in kinds:
            names.release(each, value, user.id)
            names.settle(each, old or "", user.id)
        raise _taken()
    return user


def _claim(kinds: list[str], value: str, user: User, now: datetime, may_share: bool) -> list[str]:
    claimed: list[str] = []
    for each in kinds if value else []:
        if names.claim(each, value, user.id, now=now):
            claimed.append(each)
        elif not may_share:
            for ours in claimed:
                names.release(ours, value, user.id)
            raise _taken()
    return claimed


def _columns(kinds: list[str], value: str, now: datetime) -> dict[str, Any]:
    columns: dict[str, Any] = dict.fromkeys(kinds, value or None)
    confirmed = "email_confirmed_at" if names.EMAIL in kinds else "phone_confirmed_at"
    return columns | {confirmed: now if value else None}


def _taken() -> ContactTaken:
    return ContactTaken("Another account has this already.")
