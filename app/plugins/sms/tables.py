"""Texts on their way: what waits to be sent, and what became of each. Only the first knows number and words."""

from app.plugins.cassandra_cqlengine import ConditionalModel, Model, columns

DELIVERY_KEEP_SECONDS = 60 * 24 * 3600
QUEUE_KEEP_SECONDS = 24 * 3600


class OutgoingSms(Model):
    """A text that waits. Read path: all waiting texts of a shard. `sms_key` says which text it is, so it goes once.

    `text` lies sealed: see `sending_queue.sealing`.
    """

    __table_name__ = "outgoing_sms"
    __options__ = {"default_time_to_live": QUEUE_KEEP_SECONDS, "gc_grace_seconds": 3600}

    shard = columns.Integer(partition_key=True)
    sms_key = columns.Text(primary_key=True)
    recipient = columns.Text(required=True)
    text = columns.Text(required=True)
    queued_at = columns.DateTime(required=True)
    due_at = columns.DateTime(required=True)
    expires_at = columns.DateTime()


class SmsDelivery(ConditionalModel):
    """What became of one text. Read path: by the text's key.

    state: sending (until `due_at` by one sender), waiting (for a new try at `due_at`), sent, refused (for good).
    provider_ref: the provider's own name for it.
    """

    __table_name__ = "sms_delivery"
    __options__ = {"default_time_to_live": DELIVERY_KEEP_SECONDS}

    sms_key = columns.Text(partition_key=True)
    state = columns.Text(required=True)
    provider_ref = columns.Text()
    attempts = columns.Integer(required=True, default=1)
    due_at = columns.DateTime(required=True)
    sent_at = columns.DateTime()
    last_error = columns.Text()
