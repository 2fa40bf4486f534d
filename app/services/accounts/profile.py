"""The user's own profile: names, phone, language and the billing address."""

import re
from datetime import datetime
from typing import Any

from app.models.accounts import User
from app.services.accounts import names
from app.services.accounts.phones import clean_phone
from app.utils.errors import DomainError, InvalidValue, NotFound

COLUMNS = (
    "first_name", "last_name", "phone", "locale",
    "address_1", "address_2", "city", "area", "postcode", "country",
    "mail_weekly", "mail_promo", "review_anonymous",
)  # fmt: skip
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class PhoneTaken(DomainError):
    """Another account has this phone (409)."""

    code, status = "phone_taken", 409


def get_user(user_id: str) -> User:
    """The user. Raises NotFound (404)."""
    user = User.find(user_id)
    if user is None:
        raise NotFound("There is no such user.")
    return user


def change_profile(user_id: str, changes: dict[str, Any], *, now: datetime) -> User:
    """The given columns of the profile have the given values.

    changes: names from COLUMNS; phone None or blank removes it.
    Raises NotFound (404), PhoneTaken (409), InvalidValue (422).
    """
    user = get_user(user_id)
    cleaned = _cleaned(changes, country=changes.get("country") or user.country)
    if not cleaned:
        return user
    if "phone" in cleaned and cleaned["phone"] != user.phone:
        return _change_phone(user, cleaned, now)
    return user.update(**cleaned)


def is_complete(user: User) -> bool:
    """Whether first and last name, a confirmed email or a phone, address line and city are all known."""
    return bool(
        user.first_name and user.last_name and (user.email_confirmed_at or user.phone) and user.address_1 and user.city
    )


def _cleaned(changes: dict[str, Any], *, country: str) -> dict[str, Any]:
    unknown = set(changes) - set(COLUMNS)
    if unknown:
        raise ValueError(f"not in a profile: {', '.join(sorted(unknown))}")
    cleaned = dict(changes)
    if "phone" in changes:
        cleaned["phone"] = clean_phone(changes["phone"], country=country) if changes["phone"] else None
    if changes.get("locale") and not _LOCALE.fullmatch(changes["locale"]):
        raise InvalidValue("This is no language.", fields={"locale": ["Must be a language tag, such as en or pt-BR."]})
    return cleaned


def _change_phone(user: User, cleaned: dict[str, Any], now: datetime) -> User:
    """Claim the new number, loosen the old claim, write the row, then settle and release: safe to die anywhere."""
    new, old = cleaned["phone"], user.phone
    if new and not names.claim(names.PHONE, new, user.id, now=now):
        raise PhoneTaken("This phone number belongs to another account.", details={"field": "phone"})
    if old:
        names.loosen(names.PHONE, old, user.id, now=now)
    user = user.update(**cleaned, phone_confirmed_at=None)
    if new and not names.settle(names.PHONE, new, user.id):
        user.update(phone=None)
        raise PhoneTaken("This phone number belongs to another account.", details={"field": "phone"})
    if old:
        names.release(names.PHONE, old, user.id)
    return user
