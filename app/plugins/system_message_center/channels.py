"""The channels there are: mail, and the open pages of a person."""

from app.plugins.mail import queue
from app.plugins.socketio import announce
from app.plugins.system_message_center.message import SystemMessage
from app.plugins.system_message_center.rendering import render
from app.utils.instants import instant_text


def mail_channel(message: SystemMessage) -> None:
    """The mail of this message is queued. Raises ValueError without an address, StoreUnavailable."""
    values = {"subject": message.subject, **message.values}
    queue(
        message.key,
        recipient=message.recipient.email,
        subject=message.subject,
        text=render(f"email/{message.event}.txt", values),
        html=render(f"email/{message.event}.html", values),
        now=message.now,
    )


def socket_channel(message: SystemMessage) -> None:
    """The recipient's open pages hear of it; nobody listening is no fault. Raises ValueError without a user."""
    if not message.recipient.user_id:
        raise ValueError("A socket message needs a user")
    payload = {"at": instant_text(message.now), "event": message.event, "subject": message.subject, **message.payload}
    announce("/user", message.recipient.user_id, "message", payload)
