"""Who has which custom role.

The grant's row is the truth and is written conditionally; `User.roles` only says where a request has to look. A right
is there while grant and role both stand, so a process that dies between the two writes leaves nobody with more.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from app.models.accounts import Role, RoleGrant, User
from app.plugins.cassandra_cqlengine import put_into, take_out_of
from app.services import audit
from app.services.accounts import sessions
from app.services.accounts.rights import PLATFORM, Place, Tenant, pointer_of
from app.services.accounts.roles import (
    Authority,
    RoleInUse,
    TooManyRoles,
    ensure_may_write,
    ensure_within,
    get_role,
    grants_of,
    held_by,
    list_roles,
    remove_row,
    tenant_text,
)
from app.services.audit import Actor, Deed
from app.utils.errors import ConcurrentChange, NotFound
from app.utils.shared import load_shared

PER_USER_MAX: int = load_shared("limits")["roles_per_user_max"]


@dataclass(frozen=True, slots=True)
class Member:
    """A person and the roles they have on one tenant."""

    user: User
    roles: list[Role]
    since: datetime


def grant(tenant: Tenant, role_id: str, user_id: str, by: Authority, *, now: datetime) -> None:
    """The user has the role; having it already changes nothing. Their logins end, so that the next one has it.

    Raises NotFound (404: tenant, role or user), Forbidden (403: the role holds more than who grants it),
    TooManyRoles, RoleBuiltIn (409).
    """
    ensure_may_write(by, tenant)
    role = get_role(tenant, role_id)
    ensure_within(by, held_by(role), tenant)
    give(role, user_id, granted_by=by.rights.id, actor=by.actor, now=now)


def give(role: Role, user_id: str, *, granted_by: str, actor: Actor, now: datetime) -> None:
    """The user has the role; who may give it has been decided. Raises NotFound (404), TooManyRoles (409)."""
    user, tenant = _user(user_id), _place(role)
    pointer = pointer_of(tenant, role.id)
    if pointer not in (user.roles or ()) and len(user.roles or ()) >= PER_USER_MAX:
        raise TooManyRoles("There are too many roles already.", details={"at_most": PER_USER_MAX})
    _, is_new = RoleGrant.create_if_absent(
        tenant_kind=role.tenant_kind,
        tenant_id=role.tenant_id,
        user_id=user_id,
        role_id=role.id,
        granted_by=granted_by,
        granted_at=now,
    )
    if is_new or pointer not in (user.roles or ()):
        put_into(_user(user_id), "roles", pointer)
    if is_new:
        _record("grant", tenant, role.id, user_id, actor, now)
        sessions.end_all_sessions(user_id, now=now)


def revoke(tenant: Tenant, role_id: str, user_id: str, by: Authority, *, now: datetime) -> None:
    """The user does not have the role any more, and their logins have ended.

    Raises NotFound (404: also when the user has no such role), Forbidden (403: the role holds more than who revokes).
    """
    ensure_may_write(by, tenant)
    role = Role.find(tenant.kind, tenant.id, role_id)
    if role is not None:
        ensure_within(by, held_by(role), tenant)
    if not _take(tenant, role_id, user_id, by.actor, now):
        raise NotFound("This person has no such role.")


def delete_role(tenant: Tenant, role_id: str, by: Authority, *, revokes: bool = False, now: datetime) -> None:
    """The role is gone. With `revokes`, everybody who had it has lost it, each with an entry in the log.

    Raises NotFound (404), Forbidden (403), RoleInUse, RoleBuiltIn, ConcurrentChange (409).
    """
    ensure_may_write(by, tenant)
    role = get_role(tenant, role_id)
    ensure_within(by, held_by(role), tenant)
    if (holders := grants_of(tenant, role_id)) and not revokes:
        raise RoleInUse("People have this role. Take it from them first.", details={"holders": len(holders)})
    for holder in holders:
        _take(tenant, role_id, holder.user_id, by.actor, now)
    remove_row(role, by, now=now)
    for latecomer in grants_of(tenant, role_id):
        _take(tenant, role_id, latecomer.user_id, by.actor, now)


def members_of(tenant: Tenant) -> list[Member]:
    """Everybody who has a role on the tenant, by name."""
    roles = {role.id: role for role in list_roles(tenant)}
    held: dict[str, list[RoleGrant]] = defaultdict(list)
    for row in grants_of(tenant):
        if row.role_id in roles:
            held[row.user_id].append(row)
    people = User.find_many(sorted(held))
    members = [
        Member(
            user,
            sorted((roles[row.role_id] for row in held[user.id]), key=lambda role: role.name),
            min(row.granted_at for row in held[user.id]),
        )
        for user in people
    ]
    return sorted(members, key=lambda member: (member.user.full_name, member.user.id))


def remove_member(tenant: Tenant, user_id: str, by: Authority, *, role_id: str = "", now: datetime) -> None:
    """The person has none of their roles on the tenant any more, or not this one. Raises as `revoke`."""
    wanted = [row.role_id for row in grants_of(tenant, role_id) if row.user_id == user_id]
    if not wanted:
        raise NotFound("This person has no such role.")
    for held in wanted:
        revoke(tenant, held, user_id, by, now=now)


def _take(tenant: Tenant, role_id: str, user_id: str, actor: Actor, now: datetime) -> bool:
    """The grant is gone; False when there was none. A grant made at the same moment stays, and is found."""
    key = (tenant.kind, tenant.id, user_id, role_id)
    standing = RoleGrant.find_serial(*key)
    if standing is not None:
        try:
            standing.delete_if_unchanged()
        except ConcurrentChange:
            standing = None
    if user := User.find(user_id):
        pointer = pointer_of(tenant, role_id)
        if pointer in (user.roles or ()):
            user = take_out_of(user, "roles", pointer)
        if RoleGrant.find_serial(*key) is not None:
            put_into(user, "roles", pointer)
    if standing is None:
        return False
    _record("revoke", tenant, role_id, user_id, actor, now)
    sessions.end_all_sessions(user_id, now=now)
    return True


def _user(user_id: str) -> User:
    user = User.find(user_id)
    if user is None:
        raise NotFound("There is no such user.")
    return user


def _place(role: Role) -> Place:
    return PLATFORM if role.tenant_kind == PLATFORM.kind else Place(role.tenant_kind, role.tenant_id)


def _record(verb: str, tenant: Tenant, role_id: str, user_id: str, actor: Actor, now: datetime) -> None:
    held = {"role": role_id, "tenant": tenant_text(tenant.kind, tenant.id)}
    before, after = ({}, held) if verb == "grant" else (held, {})
    audit.record(Deed(f"users.role.{verb}", "user", user_id, before, after), actor, now=now)
