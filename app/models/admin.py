"""What staff did."""

from typing import NoReturn

from app.plugins.cassandra_cqlengine import columns
from app.plugins.cassandra_cqlengine_elastic import MirroredModel
from app.utils.ids import new_id


class AppendOnly(Exception):
    """An entry of a log was to be changed or removed."""


class AdminLog(MirroredModel):
    """One thing done with a right over others. Read path: by id; the admin panel searches the mirror, newest first.

    kind and subject_id: what it was done to. before, after: JSON of the changed values, personal ones left out.
    acting_as: the user in whose name a member of staff acted. Entries are never changed or removed.
    """

    __table_name__ = "admin_log"

    id = columns.Text(partition_key=True, default=new_id)
    at = columns.DateTime(required=True)
    actor_id = columns.Text(required=True)
    acting_as = columns.Text(default="")
    action = columns.Text(required=True)
    kind = columns.Text(required=True)
    subject_id = columns.Text(required=True)
    before = columns.Text(default="{}")
    after = columns.Text(default="{}")
    reason = columns.Text(default="")
    address = columns.Text(default="")
    request_id = columns.Text(default="")

    def before_update(self) -> NoReturn:
        raise AppendOnly("An entry of the audit log stays as it was written.")

    def before_delete(self) -> NoReturn:
        raise AppendOnly("An entry of the audit log stays.")
