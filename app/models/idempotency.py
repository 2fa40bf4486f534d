"""Answers kept under the key the client chose, so that a repeated request does nothing twice."""

from app.plugins.cassandra_cqlengine import ConditionalModel, columns

KEPT_SECONDS = 24 * 3600
RUNNING, DONE = "running", "done"


class IdempotencyRecord(ConditionalModel):
    """One claimed key. Read path: by scope (a digest of who, method, path and key)."""

    __table_name__ = "idempotency_record"
    __options__ = {"default_time_to_live": 2 * KEPT_SECONDS}

    scope = columns.Text(partition_key=True)
    state = columns.Text(required=True, default=RUNNING)
    fingerprint = columns.Text(required=True)
    claimed_at = columns.DateTime(required=True)
    status = columns.Integer()
    headers = columns.Text()
    content = columns.Text()
