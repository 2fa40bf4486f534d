"""What people agreed to, and when they took it back."""

from typing import NoReturn

from app.models.admin import AppendOnly
from app.plugins.cassandra_cqlengine import Model, columns
from app.utils.ids import new_id


class Consent(Model):
    """One answer to one version of a text. Read path: all of a user, newest first.

    is_given: False takes it back. how: sign_up or account. address: the client's IP. An entry is never changed or
    removed; only its address is emptied when the person is erased.
    """

    __table_name__ = "consent"

    user_id = columns.Text(partition_key=True)
    at = columns.DateTime(primary_key=True, clustering_order="DESC")
    id = columns.Text(primary_key=True, default=new_id)
    kind = columns.Text(required=True)
    version = columns.Text(required=True)
    is_given = columns.Boolean(required=True)
    how = columns.Text(required=True)
    address = columns.Text(default="")

    def before_update(self) -> None:
        changed = {name for name, manager in self._values.items() if manager.changed}
        if self.address or changed - {"address"}:
            raise AppendOnly("An answer stays as it was given.")

    def before_delete(self) -> NoReturn:
        raise AppendOnly("An answer stays.")
