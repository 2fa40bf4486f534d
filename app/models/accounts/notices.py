"""Word to every process that somebody's logins or rights have changed."""

from app.plugins.cassandra_cqlengine import Model, columns
from app.utils.ids import new_id


class RightsNotice(Model):
    """A person whose logins ended or whose rights changed. Read path: those of a minute (UTC), from an instant on.

    Requests read their rows anyway; a process with open sockets reads these once a second to know whom to look at.
    """

    __table_name__ = "rights_notice"
    __options__ = {"default_time_to_live": 600}

    minute = columns.Text(partition_key=True)
    at = columns.DateTime(primary_key=True)
    id = columns.Text(primary_key=True, default=new_id)
    user_id = columns.Text(required=True)
