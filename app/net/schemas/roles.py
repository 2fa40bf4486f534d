"""Custom roles, and who has them, on the wire."""

from typing import Annotated, Literal, Self

from pydantic import Field

from app.models import Role
from app.net.schemas.common import Body, Id, Instant, Out, PathIds, Query
from app.services.accounts.grants import Member
from app.services.accounts.rights import BUILT_IN, PERMISSIONS, permissions_of_holders
from app.services.accounts.roles import NAME_MAX, RoleDraft, held_by

Code = Annotated[str, Field(max_length=80, json_schema_extra={"enum": sorted(PERMISSIONS)})]


class TenantPath(PathIds):
    kind: Literal["school", "store"]
    tenant_id: Id


class RolePath(PathIds):
    role_id: Id


class TenantRolePath(TenantPath, RolePath):
    """A role of a school or store."""


class MemberPath(TenantPath):
    user_id: Id


class RoleIn(Body):
    """A role: its name and what it permits."""

    name: str = Field(max_length=NAME_MAX, examples=["Order desk"])
    permissions: list[Code] = Field(min_length=1, max_length=len(PERMISSIONS), examples=[["orders.sale.read"]])

    def draft(self) -> RoleDraft:
        return RoleDraft(self.name, frozenset(self.permissions))


class RoleDeletionQuery(Query):
    """What becomes of the people who have the role."""

    revoke: bool = Field(False, description="Take it from everybody who has it, instead of answering 409.")


class RoleOut(Out):
    """A role. Built-in ones are named by their id and stay as they are."""

    id: str
    name: str
    permissions: list[str]
    is_built_in: bool
    updated_at: Instant | None

    @classmethod
    def of(cls, role: Role) -> Self:
        permissions = sorted(held_by(role))
        return cls(id=role.id, name=role.name, permissions=permissions, is_built_in=False, updated_at=role.updated_at)

    @classmethod
    def built_in(cls) -> list[Self]:
        return [
            cls(
                id=name,
                name=name,
                permissions=sorted(permissions_of_holders(frozenset({name}))),
                is_built_in=True,
                updated_at=None,
            )
            for name in BUILT_IN
        ]


class HeldRoleOut(Out):
    """A role somebody has, and where."""

    id: str
    name: str
    tenant_kind: str = Field(description="school, store or platform.")
    tenant_id: str = Field(description="Empty for the platform.")

    @classmethod
    def of(cls, role: Role) -> Self:
        return cls(id=role.id, name=role.name, tenant_kind=role.tenant_kind, tenant_id=role.tenant_id)


class MemberOut(Out):
    """Somebody who works for the school or store."""

    user_id: str
    username: str
    name: str
    roles: list[HeldRoleOut]
    since: Instant

    @classmethod
    def of(cls, member: Member) -> Self:
        user = member.user
        roles = [HeldRoleOut.of(role) for role in member.roles]
        return cls(user_id=user.id, username=user.username, name=user.full_name, roles=roles, since=member.since)


class MemberRemovalQuery(Query):
    """Which of the person's roles."""

    role_id: Id | None = Field(None, description="Only this role; without it, all of them.")


class InviteIn(Body):
    """Whom to offer which role."""

    who: str = Field(max_length=191, description="The username or e-mail address of somebody with an account.")
    role_id: Id


class InvitedOut(Out):
    """The offer is on its way, if there is somebody of this name."""

    role_id: str


class InvitationIn(Body):
    """The token of an offered role."""

    token: str = Field(max_length=200, repr=False)


class PermissionOut(Out):
    """A permission there is."""

    code: str
    scope: str = Field(description="`platform`, or `tenant`: held on single schools and stores.")
    description: str
