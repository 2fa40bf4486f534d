"""What a person reaches once; each is announced by exactly one call, whoever races."""

from datetime import datetime

from app.models.accounts import User, UserMilestone

PROFILE_COMPLETED, IDENTITY_APPROVED = "profile_completed", "identity_approved"
PROFILE_POINTS, IDENTITY_POINTS = 20, 30


def is_complete(user: User) -> bool:
    """Whether first and last name, a confirmed email or phone, address line and city are all known."""
    is_confirmed = user.email_confirmed_at or user.phone_confirmed_at
    return bool(is_confirmed and user.first_name and user.last_name and user.address_1 and user.city)


def note_completion(user: User, *, now: datetime) -> None:
    """Once the profile is complete for the first time, that instant is on record and announced.

    Whoever changes what `is_complete` looks at calls this after.
    """
    if is_complete(user) and _is_first(user.id, PROFILE_COMPLETED, now):
        announce_profile_completed(user.id, now=now)


def note_identity(user_id: str, *, now: datetime) -> None:
    """The first approval of the person's identity is on record and announced."""
    if _is_first(user_id, IDENTITY_APPROVED, now):
        announce_identity_approved(user_id, now=now)


def reached_at(user_id: str, name: str) -> datetime | None:
    """When the person reached this, or None."""
    row = UserMilestone.find(user_id, name)
    return row.reached_at if row is not None else None


def announce_profile_completed(user_id: str, *, now: datetime) -> None:
    """The place where a first complete profile earns PROFILE_POINTS; called once a person."""


def announce_identity_approved(user_id: str, *, now: datetime) -> None:
    """The place where a first approved identity earns IDENTITY_POINTS; called once a person."""


def _is_first(user_id: str, name: str, now: datetime) -> bool:
    if UserMilestone.find(user_id, name) is not None:
        return False
    return UserMilestone.create_if_absent(user_id=user_id, name=name, reached_at=now)[1]
