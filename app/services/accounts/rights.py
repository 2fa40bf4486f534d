"""Rights: what a person may do, from the flags on the user row; `common/permissions.json` lists every code."""

from dataclasses import dataclass
from functools import lru_cache

from app.models.accounts import User, UserSession
from app.utils.errors import DomainError
from app.utils.shared import load_shared

RANKS = {"public": 0, "student": 1, "teacher": 2, "admin": 3}
PERMISSIONS: dict[str, dict[str, object]] = load_shared("permissions")
_HOLDER_FLAGS = {
    "student": "is_student",
    "teacher": "is_teacher",
    "seller": "is_seller",
    "admin": "is_admin",
    "superuser": "is_superuser",
}


class Unauthenticated(DomainError):
    """No login, or a token that is none of ours (401)."""

    code, status = "unauthenticated", 401


class Forbidden(DomainError):
    """Logged in, but without this right (403)."""

    code, status = "forbidden", 403


class UserInactive(DomainError):
    """The account is banned or inactive, so every login of it is refused (403)."""

    code, status = "user_inactive", 403


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, as read for this one request. flask_login's `current_user` is one of these."""

    user: User
    session: UserSession
    permissions: frozenset[str]
    rank: int

    is_authenticated = True
    is_active = True
    is_anonymous = False

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def email(self) -> str:
        return self.user.email

    @property
    def username(self) -> str:
        return self.user.username

    @property
    def is_admin(self) -> bool:
        return self.rank >= RANKS["admin"]

    @property
    def is_staff(self) -> bool:
        """True for teachers too: says nothing about other people's things; `is_admin` does."""
        return is_staff(self.user)

    @property
    def session_id(self) -> str:
        return self.session.id

    def get_id(self) -> str:
        return self.user.id

    def may(self, code: str) -> bool:
        """Whether the person has the permission."""
        return code in self.permissions


def identify(user: User, session: UserSession) -> Identity:
    """The identity of a user who is logged in. Raises UserInactive (403)."""
    ensure_active(user)
    return Identity(user, session, permissions_of(user), rank_of(user))


def ensure_active(user: User) -> None:
    """Raises UserInactive (403) for a banned or inactive account."""
    if not user.is_active:
        raise UserInactive("This account is not active.")


def is_staff(user: User) -> bool:
    """Teachers and admins are staff, whatever the flag says."""
    return bool(user.is_staff or user.is_teacher or user.is_admin or user.is_superuser)


def rank_of(user: User) -> int:
    """The rank for content: public 0, student 1, teacher 2, admin 3."""
    if user.is_admin or user.is_superuser:
        return RANKS["admin"]
    if user.is_teacher:
        return RANKS["teacher"]
    return RANKS["student"] if user.is_student else RANKS["public"]


def permissions_of(user: User) -> frozenset[str]:
    """The codes this person holds by the flags; a superuser holds all of them."""
    return _permissions_of_holders(frozenset(name for name, flag in _HOLDER_FLAGS.items() if getattr(user, flag)))


@lru_cache(maxsize=64)
def _permissions_of_holders(holders: frozenset[str]) -> frozenset[str]:
    if "superuser" in holders:
        return frozenset(PERMISSIONS)
    return frozenset(code for code, rule in PERMISSIONS.items() if holders & set(rule["holders"]))  # type: ignore[call-overload]
