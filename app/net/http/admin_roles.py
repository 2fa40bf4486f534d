"""Roles on the platform: the built-in ones, and those that are made here."""

from flask import Response

from app.net.answers import (
    created,
    created_answer,
    list_answer,
    listed,
    no_content,
    no_content_answer,
    one,
    one_answer,
)
from app.net.middlewares.access import current_actor, current_user, permission_required
from app.net.middlewares.blueprints import ApiBlueprint
from app.net.preconditions import ensure_unchanged
from app.net.schemas.roles import RoleDeletionQuery, RoleIn, RoleOut, RolePath
from app.services.accounts import grants, roles
from app.services.accounts.rights import PLATFORM
from app.services.accounts.roles import Authority
from app.utils.clock import utc_now

admin_roles = ApiBlueprint("admin_roles", url_prefix="/api/admin/roles", tag="Administration")

WRITE = "users.role.write"


@admin_roles.get("", answers=list_answer(RoleOut))
@permission_required(WRITE)
def list_roles() -> Response:
    """Every role on the platform, built-in ones first, all on one page."""
    found = [*RoleOut.built_in(), *(RoleOut.of(role) for role in roles.list_roles(PLATFORM))]
    return listed(found, size=len(found), total=len(found), next=None)


@admin_roles.post("", answers=created_answer(RoleOut), errors=(409,), idempotent=True)
@permission_required(WRITE, proved=True)
def create_role(body: RoleIn) -> Response:
    """A new role, with permissions that you have yourself."""
    role = roles.create_role(PLATFORM, body.draft(), _authority(), now=utc_now())
    return created(RoleOut.of(role), location=f"/api/admin/roles/{role.id}")


@admin_roles.get("/<string:role_id>", answers=one_answer(RoleOut), errors=(409,))
@permission_required(WRITE)
def read_role(path: RolePath) -> Response:
    """One role."""
    for built_in in RoleOut.built_in():
        if built_in.id == path.role_id:
            return one(built_in)
    return one(RoleOut.of(roles.get_role(PLATFORM, path.role_id)))


@admin_roles.put("/<string:role_id>", answers=one_answer(RoleOut), errors=(409,))
@permission_required(WRITE, proved=True)
def update_role(path: RolePath, body: RoleIn) -> Response:
    """The role becomes what the body says, for everybody who has it; other permissions end their logins."""
    ensure_unchanged(roles.get_role(PLATFORM, path.role_id).updated_at)
    return one(RoleOut.of(roles.change_role(PLATFORM, path.role_id, body.draft(), _authority(), now=utc_now())))


@admin_roles.delete("/<string:role_id>", answers=no_content_answer(), errors=(409,))
@permission_required(WRITE, proved=True)
def delete_role(path: RolePath, query: RoleDeletionQuery) -> Response:
    """The role is gone. While people have it: 409, or with `revoke` they lose it."""
    ensure_unchanged(roles.get_role(PLATFORM, path.role_id).updated_at)
    grants.delete_role(PLATFORM, path.role_id, _authority(), revokes=query.revoke, now=utc_now())
    return no_content()


def _authority() -> Authority:
    return Authority(current_user.rights, current_actor())
