"""What has been done to the keyspace as a whole."""

from app.plugins.cassandra_cqlengine import Model, columns


class MaintenanceMark(Model):
    """A piece of set-up that was finished. Read path: by its name."""

    __table_name__ = "maintenance_mark"

    name = columns.Text(primary_key=True)
    finished_at = columns.DateTime(required=True)
