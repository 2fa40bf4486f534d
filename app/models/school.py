"""Schools: who teaches and sells courses."""

from app.models.stores import Seller
from app.plugins.cassandra_cqlengine import columns


class School(Seller):
    """A school. Read path: one school by id. Its class schedules are local to `time_zone`."""

    __table_name__ = "school"
    kind = "school"

    time_zone = columns.Text(required=True, default="UTC")
