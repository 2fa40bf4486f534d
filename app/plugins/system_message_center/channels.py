"""The channels there are: mail, SMS, and the open pages of a person."""

from app.plugins import mail, sms
from app.plugins.socketio import announce
from app.plugins.system_message_center.message import SystemMessage, Unreachable
from app.plugins.system_message_center.rendering import render
from app.utils.instants import instant_text


def mail_channel(message: SystemMessage) -> None:
    """The mail of this message is queued. Raises Unreachable without an address, StoreUnavailable."""
    if not message.recipient.email:
        raise Unreachable
    values = {"subject": message.subject, **message.values}
    mail.queue(
        message.key,
        recipient=message.recipient.email,
        subject=message.subject,
        text=render(f"email/{message.event}.txt", values),
        html=render(f"email/{message.event}.html", values),
        now=message.now,
        expires_at=message.expires_at,
    )


def sms_channel(message: SystemMessage) -> None:
    """The text of this message is queued. Raises Unreachable without a phone number, StoreUnavailable."""
    if not message.recipient.phone:
        raise Unreachable
    sms.queue(
        message.key,
        recipient=message.recipient.phone,
        text=render(f"sms/{message.event}.txt", message.values).strip(),
        now=message.now,
        expires_at=message.expires_at,
    )


def socket_channel(message: SystemMessage) -> None:
    """The recipient's open pages hear of it; nobody listening is no fault. Raises Unreachable without a user."""
    if not message.recipient.user_id:
        raise Unreachable
    payload = {"at": instant_text(message.now), "event": message.event, "subject": message.subject, **message.payload}
    announce("/user", message.recipient.user_id, "message", payload)
