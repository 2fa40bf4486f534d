"""The user's own profile: names, language, time zone, preferences, the billing address, and what goes with a role."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.env import Settings
from app.models.accounts import StaffProfile, StudentProfile, User
from app.plugins import vault
from app.services.accounts import consents, contacts, milestones
from app.services.accounts.contacts import PendingContacts
from app.services.accounts.phones import clean_phone
from app.services.accounts.rights import Identity, is_staff
from app.services.accounts.sessions import ensure_in_person, ensure_proved
from app.utils.errors import InvalidValue, NotFound

COLUMNS = (
    "first_name", "last_name", "phone", "locale", "time_zone",
    "address_1", "address_2", "city", "area", "postcode", "country",
    "mail_weekly", "mail_promo", "review_anonymous",
)  # fmt: skip
TAX_DOC = "tax document"
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True)
class ProfileView:
    """A profile as its owner sees it. completed_at: when it was complete for the first time."""

    user: User
    completed_at: datetime | None
    pending: PendingContacts

    @property
    def is_complete(self) -> bool:
        return milestones.is_complete(self.user)


def get_user(user_id: str) -> User:
    """The user. Raises NotFound (404)."""
    user = User.find(user_id)
    if user is None:
        raise NotFound("There is no such user.")
    return user


def view_profile(user: User, *, now: datetime) -> ProfileView:
    """The profile with what waits to be confirmed."""
    completed_at = milestones.reached_at(user.id, milestones.PROFILE_COMPLETED)
    return ProfileView(user, completed_at, contacts.pending(user.id, now=now))


def change_profile(
    user_id: str, changes: dict[str, Any], *, now: datetime, settings: Settings, address: str = ""
) -> User:
    """The given columns of the profile have the given values.

    changes: names from COLUMNS. A new phone only waits to be confirmed by the code it is sent; None or blank removes
    the one there is. Another wish for advertising is kept as a consent. address: the client's IP, for that.
    Raises NotFound (404), InvalidValue (422), TooManyAttempts (429).
    """
    user = get_user(user_id)
    ensure_usable(changes)
    cleaned = {name: value for name, value in changes.items() if name != "phone"}
    if "phone" in changes:
        user = _with_phone(user, _cleaned_phone(user, changes, settings), now, settings)
    if cleaned.get("mail_promo", user.mail_promo) != user.mail_promo:
        consents.note_wish(user, cleaned["mail_promo"], address=address, now=now)
    if cleaned:
        user = user.update(**cleaned)
    milestones.note_completion(user, now=now)
    return user


def ensure_may_change(identity: Identity, changes: dict[str, Any], *, now: datetime, settings: Settings) -> None:
    """Pass unless the profile would be a way around another rule.

    Raises ProofRequired (403) for another phone without a fresh proof, as `contacts` asks of every change of one;
    ActingRefused (403) for staff who would change the phone or the wish for advertising; InvalidValue (422).
    """
    user = identity.user
    if "phone" in changes and _cleaned_phone(user, changes, settings) != user.phone:
        ensure_proved(identity, now=now, settings=settings)
    if changes.get("mail_promo", user.mail_promo) != user.mail_promo:
        ensure_in_person(identity)


def ensure_usable(changes: dict[str, Any]) -> None:
    """Raises InvalidValue (422) naming what is no language or time zone, ValueError for what is in no profile."""
    unknown = set(changes) - set(COLUMNS)
    if unknown:
        raise ValueError(f"not in a profile: {', '.join(sorted(unknown))}")
    faults = {}
    if changes.get("locale") and not _LOCALE.fullmatch(changes["locale"]):
        faults["locale"] = ["Must be a language tag, such as en or pt-BR."]
    if changes.get("time_zone") and not _is_time_zone(changes["time_zone"]):
        faults["time_zone"] = ["Must be a time zone, such as Europe/Berlin."]
    if faults:
        raise InvalidValue("One or more values cannot be accepted.", fields=faults)


def ensure_profiles(user: User) -> None:
    """The profiles that the user's flags call for exist."""
    if user.is_student and StudentProfile.find(user.id) is None:
        StudentProfile.create(user_id=user.id)
    if is_staff(user) and StaffProfile.find(user.id) is None:
        StaffProfile.create(user_id=user.id)


def student_profile(user: User) -> StudentProfile:
    """What the user has as a student. Raises NotFound (404) for who is none."""
    if not user.is_student:
        raise NotFound("You are no student.")
    return StudentProfile.find(user.id) or StudentProfile.create(user_id=user.id)


def staff_profile(user: User) -> StaffProfile:
    """What the user has as staff. Raises NotFound (404) for who is none."""
    if not is_staff(user):
        raise NotFound("You are no member of staff.")
    return StaffProfile.find(user.id) or StaffProfile.create(user_id=user.id)


def change_student_profile(user: User, changes: dict[str, Any]) -> StudentProfile:
    """The bio is the given one. Raises NotFound (404)."""
    row = student_profile(user)
    return row.update(**changes) if changes else row


def change_staff_profile(user: User, changes: dict[str, Any], *, settings: Settings) -> StaffProfile:
    """bio, listing and tax_doc are the given ones; the tax document is sealed. Raises NotFound (404)."""
    row = staff_profile(user)
    if "tax_doc" in changes:
        text = changes["tax_doc"]
        sealed = vault.seal(settings, TAX_DOC, text.encode()).decode() if text else None
        changes = changes | {"tax_doc": sealed}
    return row.update(**changes) if changes else row


def _with_phone(user: User, phone: str | None, now: datetime, settings: Settings) -> User:
    if phone is None:
        return contacts.remove_phone(user, now=now, settings=settings)
    if phone != user.phone:
        contacts.request_phone(user, phone, now=now, settings=settings)
    return user


def _cleaned_phone(user: User, changes: dict[str, Any], settings: Settings) -> str | None:
    """E.164, read as dialled in the country of the changed profile; None for no phone."""
    country = changes.get("country") or user.country or settings.default_country
    return clean_phone(changes["phone"], country=country) if changes["phone"] else None


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return "/" in name or name == "UTC"
