"""Custom roles of a school or store, and the people who have them."""

from flask import Response

from app.net.answers import (
    accepted,
    accepted_answer,
    created,
    created_answer,
    list_answer,
    listed,
    no_content,
    no_content_answer,
    one,
    one_answer,
)
from app.net.middlewares.access import current_actor, current_tenant, current_user, tenant_permission_required
from app.net.middlewares.blueprints import ApiBlueprint
from app.net.middlewares.limits import at_most
from app.net.preconditions import ensure_unchanged
from app.net.schemas.roles import (
    InvitedOut,
    InviteIn,
    MemberOut,
    MemberPath,
    MemberRemovalQuery,
    RoleDeletionQuery,
    RoleIn,
    RoleOut,
    TenantPath,
    TenantRolePath,
)
from app.services.accounts import grants, invitations, roles
from app.services.accounts.roles import Authority
from app.utils.clock import utc_now

seller_roles = ApiBlueprint("seller_roles", url_prefix="/api/seller/<string:kind>/<string:tenant_id>", tag="Selling")

WRITE = "stores.role.write"
_INVITATIONS_AN_HOUR = 30


@seller_roles.get("/roles", answers=list_answer(RoleOut))
@tenant_permission_required(WRITE)
def list_seller_roles(path: TenantPath) -> Response:
    """The roles of this school or store, all on one page."""
    found = [RoleOut.of(role) for role in roles.list_roles(current_tenant())]
    return listed(found, size=len(found), total=len(found), next=None)


@seller_roles.post("/roles", answers=created_answer(RoleOut), errors=(409,), idempotent=True)
@tenant_permission_required(WRITE, proved=True)
def create_seller_role(path: TenantPath, body: RoleIn) -> Response:
    """A new role, with permissions that you have here yourself."""
    role = roles.create_role(current_tenant(), body.draft(), _authority(), now=utc_now())
    return created(RoleOut.of(role), location=f"/api/seller/{path.kind}/{path.tenant_id}/roles/{role.id}")


@seller_roles.get("/roles/<string:role_id>", answers=one_answer(RoleOut))
@tenant_permission_required(WRITE)
def read_seller_role(path: TenantRolePath) -> Response:
    """One role."""
    return one(RoleOut.of(roles.get_role(current_tenant(), path.role_id)))


@seller_roles.put("/roles/<string:role_id>", answers=one_answer(RoleOut), errors=(409,))
@tenant_permission_required(WRITE, proved=True)
def update_seller_role(path: TenantRolePath, body: RoleIn) -> Response:
    """The role becomes what the body says, for everybody who has it; other permissions end their logins."""
    ensure_unchanged(roles.get_role(current_tenant(), path.role_id).updated_at)
    role = roles.change_role(current_tenant(), path.role_id, body.draft(), _authority(), now=utc_now())
    return one(RoleOut.of(role))


@seller_roles.delete("/roles/<string:role_id>", answers=no_content_answer(), errors=(409,))
@tenant_permission_required(WRITE, proved=True)
def delete_seller_role(path: TenantRolePath, query: RoleDeletionQuery) -> Response:
    """The role is gone. While people have it: 409, or with `revoke` they lose it."""
    ensure_unchanged(roles.get_role(current_tenant(), path.role_id).updated_at)
    grants.delete_role(current_tenant(), path.role_id, _authority(), revokes=query.revoke, now=utc_now())
    return no_content()


@seller_roles.get("/members", answers=list_answer(MemberOut))
@tenant_permission_required(WRITE)
def list_members(path: TenantPath) -> Response:
    """Everybody who has a role here, by name, all on one page."""
    found = [MemberOut.of(member) for member in grants.members_of(current_tenant())]
    return listed(found, size=len(found), total=len(found), next=None)


@seller_roles.post("/members", answers=accepted_answer(InvitedOut))
@at_most(_INVITATIONS_AN_HOUR, window_seconds=3600)
@tenant_permission_required(WRITE, proved=True)
def invite_member(path: TenantPath, body: InviteIn) -> Response:
    """Offer somebody a role by mail. The answer is the same whether there is an account of this name or not."""
    invitations.invite(current_tenant(), body.role_id, body.who, _authority(), now=utc_now())
    return accepted(InvitedOut(role_id=body.role_id))


@seller_roles.delete("/members/<string:user_id>", answers=no_content_answer())
@tenant_permission_required(WRITE, proved=True)
def remove_member(path: MemberPath, query: MemberRemovalQuery) -> Response:
    """Take somebody's roles here, or one of them. Their logins end."""
    now = utc_now()
    grants.remove_member(current_tenant(), path.user_id, _authority(), role_id=query.role_id or "", now=now)
    return no_content()


def _authority() -> Authority:
    return Authority(current_user.rights, current_actor())
