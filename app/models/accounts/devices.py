"""Phones and browsers that can be reached by push."""

from app.plugins.cassandra_cqlengine import ConditionalModel, Model, columns


class UserDevice(Model):
    """One device of one person. Read paths: (user, device id); all devices of a user."""

    __table_name__ = "user_device"

    user_id = columns.Text(partition_key=True)
    device_id = columns.Text(primary_key=True)
    platform = columns.Text(required=True)
    push_token = columns.Text()
    app_version = columns.Text(default="")
    seen_at = columns.DateTime(required=True)


class PushToken(ConditionalModel):
    """Whose a push token is now. Read path: by the token's SHA-256.

    A device row that carries a token which this row gives to somebody else is out of date and is never pushed to.
    """

    __table_name__ = "push_token"

    token_hash = columns.Text(partition_key=True)
    user_id = columns.Text(required=True)
    device_id = columns.Text(required=True)
