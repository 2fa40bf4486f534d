"""Secrets that are good for one use."""

from datetime import datetime

from app.plugins.cassandra_cqlengine import ConditionalModel, columns


class OneTimeToken(ConditionalModel):
    """A token that was handed out for one purpose. Read path: (purpose, SHA-256 of the token).

    subject: whom it is about, a user's id or a sealed identifier. payload: JSON of what its purpose needs.
    tries: how often something was tried with it, where that is counted.
    Rows vanish by themselves after the longest life that a token can have.
    """

    __table_name__ = "one_time_token"
    __options__ = {"default_time_to_live": 8 * 24 * 3600}

    purpose = columns.Text(partition_key=True)
    token_hash = columns.Text(partition_key=True)
    subject = columns.Text(required=True)
    payload = columns.Text(default="{}")
    expires_at = columns.DateTime(required=True)
    used_at = columns.DateTime()
    tries = columns.Integer()

    def is_good(self, now: datetime) -> bool:
        """Whether it can still be used at `now` (aware UTC)."""
        return self.used_at is None and now < self.expires_at
