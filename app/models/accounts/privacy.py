"""Copies of what is kept on a person, and their erasing."""

from app.plugins.cassandra_cqlengine import ConditionalModel, columns
from app.plugins.cassandra_cqlengine_elastic import MirroredModel

QUEUED, RUNNING, READY, FAILED, EXPIRED, DONE = "queued", "running", "ready", "failed", "expired", "done"


class DataExport(ConditionalModel, MirroredModel):
    """A person's latest export. Read path: by the user's id; jobs ask the mirror for those to go on with.

    One row a person, so that only one runs at a time. `heartbeat_at` shows that a runner lives; file: name of the
    sealed archive; part_done of part_total domains are in it.
    """

    __table_name__ = "data_export"

    user_id = columns.Text(partition_key=True)
    id = columns.Text(required=True)
    status = columns.Text(required=True, default=QUEUED)
    runner = columns.Text(default="")
    heartbeat_at = columns.DateTime()
    part_done = columns.Integer(required=True, default=0)
    part_total = columns.Integer(required=True, default=0)
    file = columns.Text(default="")
    file_bytes = columns.BigInt(required=True, default=0)
    requested_at = columns.DateTime(required=True)
    finished_at = columns.DateTime()
    expires_at = columns.DateTime()


class Erasure(ConditionalModel, MirroredModel):
    """A person being erased, or erased. Read path: by the user's id; jobs ask the mirror for those to go on with.

    done: the parts that hold nothing of the person any more. Nothing personal is in this row, so it stays.
    """

    __table_name__ = "erasure"

    user_id = columns.Text(partition_key=True)
    status = columns.Text(required=True, default=QUEUED)
    runner = columns.Text(default="")
    heartbeat_at = columns.DateTime()
    done = columns.List(columns.Text)
    requested_at = columns.DateTime(required=True)
    finished_at = columns.DateTime()
