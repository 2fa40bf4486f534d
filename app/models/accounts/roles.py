"""Custom roles: named sets of permissions on a school, a store or the whole platform, and who has them."""

from app.plugins.cassandra_cqlengine import ConditionalModel, columns
from app.utils.ids import new_id


class Role(ConditionalModel):
    """A set of permissions with a name. Read paths: by (tenant, id) with each request of a holder; all of a tenant.

    tenant_kind: school, store, or platform with an empty tenant_id. permissions: codes of common/permissions.json.
    """

    __table_name__ = "role"

    tenant_kind = columns.Text(partition_key=True)
    tenant_id = columns.Text(partition_key=True)
    id = columns.Text(primary_key=True, default=new_id)
    name = columns.Text(required=True)
    permissions = columns.Set(columns.Text)
    made_by = columns.Text(required=True)


class RoleGrant(ConditionalModel):
    """One person's role on a tenant. Read paths: by its key with each request of the holder; all of a tenant.

    The row is the truth about the grant; `User.roles` only says where to look.
    """

    __table_name__ = "role_grant"

    tenant_kind = columns.Text(partition_key=True)
    tenant_id = columns.Text(partition_key=True)
    user_id = columns.Text(primary_key=True)
    role_id = columns.Text(primary_key=True)
    granted_by = columns.Text(required=True)
    granted_at = columns.DateTime(required=True)


class SuperuserRoster(ConditionalModel):
    """The active superusers, in one row, so that of two who demote each other one stays. Read path: by its name.

    entries: JSON, user id → {"state", "token", "since"}. Only those in the state `member` count as somebody left.
    """

    __table_name__ = "superuser_roster"

    name = columns.Text(partition_key=True)
    entries = columns.Text(default="{}")
