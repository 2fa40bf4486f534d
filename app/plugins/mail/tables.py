"""Mails on their way: what waits to be sent, and what became of each."""

from app.plugins.cassandra_cqlengine import ConditionalModel, Model, columns
from app.plugins.sending_queue import SHARDS

__all__ = ["SHARDS", "MailDelivery", "OutgoingMail"]

DELIVERY_KEEP_SECONDS = 60 * 24 * 3600
QUEUE_KEEP_SECONDS = 7 * 24 * 3600


class OutgoingMail(Model):
    """A mail that waits. Read path: all waiting mails of a shard. `mail_key` says which mail it is, so it goes once.

    `text` and `html` lie sealed: see `sending_queue.sealing`.
    """

    __table_name__ = "outgoing_mail"
    __options__ = {"default_time_to_live": QUEUE_KEEP_SECONDS, "gc_grace_seconds": 3600}

    shard = columns.Integer(partition_key=True)
    mail_key = columns.Text(primary_key=True)
    recipient = columns.Text(required=True)
    subject = columns.Text(required=True)
    text = columns.Text(required=True)
    html = columns.Text(default="")
    queued_at = columns.DateTime(required=True)
    due_at = columns.DateTime(required=True)
    expires_at = columns.DateTime()


class MailDelivery(ConditionalModel):
    """What became of one mail. Read path: by the mail's key.

    state: sending (until `due_at` by one sender), waiting (for a new try at `due_at`), sent, refused (for good).
    """

    __table_name__ = "mail_delivery"
    __options__ = {"default_time_to_live": DELIVERY_KEEP_SECONDS}

    mail_key = columns.Text(partition_key=True)
    state = columns.Text(required=True)
    recipient = columns.Text(required=True)
    subject = columns.Text(required=True)
    message_id = columns.Text(required=True)
    attempts = columns.Integer(required=True, default=1)
    due_at = columns.DateTime(required=True)
    sent_at = columns.DateTime()
    last_error = columns.Text()


class MailOfRecipient(Model):
    """Which mails went, or are to go, to one address. Read path: by the SHA-256 of the address.

    Written before the mail is queued, so that nothing of an address is left when it is to be forgotten.
    """

    __table_name__ = "mail_of_recipient"
    __options__ = {"default_time_to_live": DELIVERY_KEEP_SECONDS + QUEUE_KEEP_SECONDS}

    recipient_hash = columns.Text(partition_key=True)
    mail_key = columns.Text(primary_key=True)
