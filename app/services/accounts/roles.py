"""Custom roles of a school, a store or the platform: made, changed and removed by those who hold what is in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.models.accounts import Role, RoleGrant
from app.services import audit
from app.services.accounts import sessions
from app.services.accounts.rights import (
    BUILT_IN,
    PERMISSIONS,
    PLATFORM,
    PLATFORM_CODES,
    TENANT_CODES,
    Forbidden,
    Rights,
    Tenant,
    ensure_may,
)
from app.services.audit import Actor, Deed
from app.utils.errors import DomainError, InvalidValue, NotFound
from app.utils.ids import new_id
from app.utils.shared import load_shared

NAME_MAX: int = load_shared("limits")["role_name_max"]
PER_TENANT_MAX: int = load_shared("limits")["roles_per_tenant_max"]
_PLATFORM_WRITE, _TENANT_WRITE = "users.role.write", "stores.role.write"


class RoleBuiltIn(DomainError):
    """student, teacher, seller, admin and superuser cannot be changed or removed (409)."""

    code, status = "role_built_in", 409


class RoleInUse(DomainError):
    """People have the role (409); details: holders."""

    code, status = "role_in_use", 409


class TooManyRoles(DomainError):
    """The tenant has, or the person holds, as many roles as there can be (409)."""

    code, status = "too_many_roles", 409


@dataclass(frozen=True, slots=True)
class Authority:
    """Somebody who uses rights over others: what they may, and who they are to the audit log."""

    rights: Rights
    actor: Actor


@dataclass(frozen=True, slots=True)
class RoleDraft:
    """What a role is to be."""

    name: str
    permissions: frozenset[str]


def list_roles(tenant: Tenant) -> list[Role]:
    """The custom roles of the tenant, oldest first."""
    return list(Role.objects(tenant_kind=tenant.kind, tenant_id=tenant.id).limit(PER_TENANT_MAX * 2))


def get_role(tenant: Tenant, role_id: str) -> Role:
    """The role. Raises NotFound (404), for another tenant's too; RoleBuiltIn (409)."""
    if tenant.kind == PLATFORM.kind and role_id in BUILT_IN:
        raise RoleBuiltIn("This role is built in and stays as it is.")
    role = Role.find(tenant.kind, tenant.id, role_id)
    if role is None:
        raise NotFound("There is no such role.")
    return role


def create_role(tenant: Tenant, draft: RoleDraft, by: Authority, *, now: datetime) -> Role:
    """The tenant has a new role that nobody holds yet.

    Raises NotFound (404: another's tenant), Forbidden (403: also when the role would hold more than its maker),
    TooManyRoles (409), InvalidValue (422).
    """
    ensure_may_write(by, tenant)
    ensure_draft(draft, tenant)
    ensure_within(by, draft.permissions, tenant)
    if len(list_roles(tenant)) >= PER_TENANT_MAX:
        raise TooManyRoles("There are too many roles already.", details={"at_most": PER_TENANT_MAX})
    role, _ = Role.create_if_absent(
        tenant_kind=tenant.kind,
        tenant_id=tenant.id,
        id=new_id(),
        name=draft.name,
        permissions=set(draft.permissions),
        made_by=by.rights.id,
    )
    _record("create", role, by, now, after=_noted(role))
    return role


def change_role(tenant: Tenant, role_id: str, draft: RoleDraft, by: Authority, *, now: datetime) -> Role:
    """The role is what the draft says, for everybody who has it and at once; their logins end if its rights changed.

    Raises NotFound (404), Forbidden (403: also when it holds, or would hold, more than who changes it),
    RoleBuiltIn, ConcurrentChange (409), InvalidValue (422).
    """
    ensure_may_write(by, tenant)
    ensure_draft(draft, tenant)
    role = get_role(tenant, role_id)
    ensure_within(by, draft.permissions | held_by(role), tenant)
    before = _noted(role)
    if before["permissions"] == sorted(draft.permissions) and role.name == draft.name:
        return role
    role = role.update_if_unchanged(name=draft.name, permissions=set(draft.permissions))
    _record("change", role, by, now, before=before, after=_noted(role))
    if before["permissions"] != sorted(draft.permissions):
        for user_id in {grant.user_id for grant in grants_of(tenant, role_id)}:
            sessions.end_all_sessions(user_id, now=now)
    return role


def remove_row(role: Role, by: Authority, *, now: datetime) -> None:
    """The role's row is gone, and with it what it gave. Raises ConcurrentChange (409)."""
    role.delete_if_unchanged()
    _record("delete", role, by, now, before=_noted(role))


def grants_of(tenant: Tenant, role_id: str = "") -> list[RoleGrant]:
    """Who has roles (or this role) on the tenant."""
    rows = RoleGrant.objects(tenant_kind=tenant.kind, tenant_id=tenant.id).limit(None)
    return [grant for grant in rows if not role_id or grant.role_id == role_id]


def ensure_may_write(by: Authority, tenant: Tenant) -> None:
    """Raises NotFound (404), Forbidden (403) unless the roles of this tenant are theirs to manage."""
    ensure_may(by.rights, _PLATFORM_WRITE if tenant.kind == PLATFORM.kind else _TENANT_WRITE, tenant)


def ensure_within(by: Authority, permissions: Iterable[str], tenant: Tenant) -> None:
    """Raises Forbidden (403) unless whoever acts holds all of these there: nobody passes on more than they have."""
    lacking = sorted(set(permissions) - by.rights.codes_on(tenant))
    if lacking:
        raise Forbidden("Nobody gives or takes more than they hold themselves.", details={"lacking": lacking})


def ensure_draft(draft: RoleDraft, tenant: Tenant) -> None:
    """Raises InvalidValue (422) for a blank or overlong name, and for permissions that are none of this kind."""
    faults: dict[str, list[str]] = {}
    if not 1 <= len(draft.name.strip()) <= NAME_MAX:
        faults["name"] = [f"has 1 to {NAME_MAX} characters"]
    fitting = PLATFORM_CODES if tenant.kind == PLATFORM.kind else TENANT_CODES
    if unfit := sorted(draft.permissions - fitting):
        known = [code for code in unfit if code in PERMISSIONS]
        faults["permissions"] = [
            f"{code} {'does not go with this kind of role' if code in known else 'is not a permission'}"
            for code in unfit
        ]
    if not draft.permissions:
        faults["permissions"] = ["has one permission or more"]
    if faults:
        raise InvalidValue("One or more values cannot be accepted.", fields=faults)


def held_by(role: Role) -> frozenset[str]:
    """The permissions in the role that there still are."""
    return frozenset(role.permissions or ()) & frozenset(PERMISSIONS)


def tenant_text(tenant_kind: str, tenant_id: str) -> str:
    """How the audit log names a tenant."""
    return f"{tenant_kind}:{tenant_id}".rstrip(":")


def _record(verb: str, role: Role, by: Authority, now: datetime, **sides: Any) -> None:
    audit.record(Deed(f"users.role.{verb}", "role", role.id, **sides), by.actor, now=now)


def _noted(role: Role) -> dict[str, Any]:
    return {
        "tenant": tenant_text(role.tenant_kind, role.tenant_id),
        "name": role.name,
        "permissions": sorted(role.permissions or ()),
    }
