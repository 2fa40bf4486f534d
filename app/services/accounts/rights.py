"""Rights: what a person may do, by the flags on the user row and by custom roles.

`common/permissions.json` lists every code. A code of scope `platform` is held or not. One of scope `tenant` is held on
a school or store: by its owner, by a custom role there, and by holders of the platform code it names as `everywhere`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from app.models.accounts import Role, RoleGrant, User, UserSession
from app.plugins.cassandra_cqlengine import find_each
from app.utils.errors import DomainError, NotFound
from app.utils.shared import load_shared

RANKS = {"public": 0, "student": 1, "teacher": 2, "admin": 3}
PERMISSIONS: dict[str, dict[str, Any]] = load_shared("permissions")
TENANT_CODES = frozenset(code for code, rule in PERMISSIONS.items() if rule["scope"] == "tenant")
PLATFORM_CODES = frozenset(PERMISSIONS) - TENANT_CODES
BUILT_IN = {
    "student": "is_student",
    "teacher": "is_teacher",
    "seller": "is_seller",
    "admin": "is_admin",
    "superuser": "is_superuser",
}
_NONE: frozenset[str] = frozenset()


class Tenant(Protocol):
    """Whatever has an owner and roles of its own: a school or a store."""

    @property
    def kind(self) -> str: ...

    @property
    def id(self) -> str: ...

    @property
    def owner_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant by its names alone."""

    kind: str
    id: str
    owner_id: str = ""


PLATFORM = Place("platform", "")


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
class Rights:
    """What one person may do. platform: codes by flags and platform roles; tenants: `kind:id` → codes by roles."""

    id: str
    platform: frozenset[str] = _NONE
    tenants: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def may(self, code: str, tenant: Tenant | None = None) -> bool:
        """Whether the person has the permission: on this tenant, or without one anywhere at all."""
        if tenant is None:
            return code in self.platform or any(code in codes for codes in self.tenants.values())
        return code in self.codes_on(tenant)

    def codes_on(self, tenant: Tenant) -> frozenset[str]:
        """Every code the person has on this tenant; on PLATFORM, those that hold for the platform."""
        if tenant.kind == PLATFORM.kind:
            return self.platform
        if tenant.owner_id and tenant.owner_id == self.id:
            return TENANT_CODES
        granted = self.tenants.get(tenant_key(tenant), _NONE)
        return granted | _everywhere(self.platform)

    def tenants_with(self, code: str) -> list[tuple[str, str]]:
        """(kind, id) of every tenant where a role of the person has the code; their own ones are not among them."""
        found = (key.split(":", 1) for key, codes in self.tenants.items() if code in codes)
        return [(kind, tenant_id) for kind, tenant_id in found]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, as read for this one request. flask_login's `current_user` is one of these."""

    user: User
    session: UserSession
    rights: Rights
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

    @property
    def permissions(self) -> frozenset[str]:
        """The codes held on the platform; what is held on single tenants is not among them."""
        return self.rights.platform

    @property
    def acting_by(self) -> str:
        """The member of staff who acts in this person's name; empty when the person is here themselves."""
        return self.session.acting_by or ""

    def get_id(self) -> str:
        return self.user.id

    def may(self, code: str, tenant: Tenant | None = None) -> bool:
        """Whether the person has the permission: on this tenant, or without one anywhere at all."""
        return self.rights.may(code, tenant)

    def codes_on(self, tenant: Tenant) -> frozenset[str]:
        """Every code the person has on this tenant."""
        return self.rights.codes_on(tenant)

    def tenants_with(self, code: str) -> list[tuple[str, str]]:
        """(kind, id) of every tenant where a role of the person has the code."""
        return self.rights.tenants_with(code)


Person = Identity | Rights


def identify(user: User, session: UserSession) -> Identity:
    """The identity of a user who is logged in. Raises UserInactive (403)."""
    ensure_active(user)
    return Identity(user, session, rights_of(user), rank_of(user))


def ensure_may(person: Person, code: str, tenant: Tenant = PLATFORM, *, what: str = "") -> None:
    """Pass when the person has the permission there: the one check for every object that belongs to somebody.

    what: the word for the object, when it is not the tenant itself.
    Raises NotFound (404) when nothing there is theirs to see, Forbidden (403) when only this right is missing.
    """
    held = person.codes_on(tenant)
    if code in held:
        return
    if tenant.kind != PLATFORM.kind and not held:
        raise NotFound(f"There is no such {what or tenant.kind}.")
    raise Forbidden("Your account has no right to do this.", details={"permission": code})


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
    return permissions_of_holders(frozenset(name for name, flag in BUILT_IN.items() if getattr(user, flag)))


@lru_cache(maxsize=64)
def permissions_of_holders(holders: frozenset[str]) -> frozenset[str]:
    """The codes of these built-in roles together."""
    if "superuser" in holders:
        return frozenset(PERMISSIONS)
    return frozenset(code for code, rule in PERMISSIONS.items() if holders & set(rule["holders"]))


def rights_of(user: User) -> Rights:
    """All the person may do. Reads nothing for people without custom roles, else their roles side by side.

    A role counts while both its row and the grant's row stand.
    """
    held = permissions_of(user)
    if not user.roles:
        return Rights(user.id, held)
    platform = held
    tenants: dict[str, frozenset[str]] = {}
    for role in granted_roles(user):
        codes = frozenset(role.permissions or ()) & frozenset(PERMISSIONS)
        if role.tenant_kind == PLATFORM.kind:
            platform |= codes
        else:
            key = f"{role.tenant_kind}:{role.tenant_id}"
            tenants[key] = tenants.get(key, _NONE) | codes
    return Rights(user.id, platform, tenants)


def granted_roles(user: User) -> list[Role]:
    """The custom roles the person has, in no order; one round trip."""
    keys = [_place_of_pointer(pointer) for pointer in user.roles or ()]
    wanted: list[tuple[Any, tuple[Any, ...]]] = [(Role, key) for key in keys]
    wanted += [(RoleGrant, (kind, tenant_id, user.id, role_id)) for kind, tenant_id, role_id in keys]
    rows = find_each(*wanted) if wanted else []
    pairs = zip(rows[: len(keys)], rows[len(keys) :], strict=True)
    return [role for role, grant in pairs if role is not None and grant is not None]


def pointer_of(tenant: Tenant, role_id: str) -> str:
    """How `User.roles` names a role."""
    return f"{tenant.kind}:{tenant.id}:{role_id}"


def tenant_key(tenant: Tenant) -> str:
    """How `Rights.tenants` names a tenant."""
    return f"{tenant.kind}:{tenant.id}"


def describe_permissions() -> Iterable[tuple[str, str, str]]:
    """(code, scope, description) of every permission there is, by code."""
    return [(code, rule["scope"], rule["description"]) for code, rule in sorted(PERMISSIONS.items())]


def _place_of_pointer(pointer: str) -> tuple[str, str, str]:
    kind, tenant_id, role_id = pointer.split(":")
    return kind, tenant_id, role_id


@lru_cache(maxsize=256)
def _everywhere(platform: frozenset[str]) -> frozenset[str]:
    """The tenant codes that these platform codes give on every tenant."""
    return frozenset(code for code in TENANT_CODES if PERMISSIONS[code]["everywhere"] in platform)
