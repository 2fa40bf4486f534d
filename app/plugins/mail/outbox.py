"""The queue of mails, and how one of them is sent."""

import hashlib
import smtplib
from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from flask_mail import Message

from app.plugins.mail.forgetting import note_recipient
from app.plugins.mail.tables import MailDelivery, OutgoingMail
from app.plugins.mail.transport import OwnMail
from app.plugins.sending_queue import Drained, SendingQueue

QUEUE = SendingQueue("mail", OutgoingMail, MailDelivery, sealed=("text", "html"))


def queue(
    key: str,
    *,
    recipient: str,
    subject: str,
    text: str,
    html: str = "",
    now: datetime,
    expires_at: datetime | None = None,
) -> None:
    """A mail waits to be sent; one `key` is one mail, however often it is queued within two months.

    expires_at: when it is of no use any more; it is not sent then.
    Raises ValueError for a recipient that is no address, StoreUnavailable.
    """
    if "@" not in parseaddr(recipient)[1] or "\n" in recipient or "\r" in recipient:
        raise ValueError("The recipient is no mail address")
    note_recipient(key, recipient)
    QUEUE.put(
        key,
        now=now,
        expires_at=expires_at,
        recipient=recipient,
        subject=" ".join(subject.split()),
        text=text,
        html=html,
    )


def opened(waiting: OutgoingMail) -> Any:
    """The columns of a mail that waits, its words in clear. Raises SealBroken."""
    return QUEUE.opened(waiting)


def drain(mail: OwnMail, now: datetime) -> Drained:
    """Try waiting mails that are due. Raises StoreUnavailable."""
    return QUEUE.drain(MailSender(mail), now)


class MailSender:
    """Sends by Flask-Mail. A server that hung up before its answer may have taken the mail: it is tried again under
    the same Message-ID, by which mail programs know a second copy."""

    faults = (smtplib.SMTPException, OSError, UnicodeError)

    def __init__(self, mail: OwnMail) -> None:
        self._mail = mail
        self.claim_seconds = 6 * mail.timeout_seconds

    def describe(self, waiting: OutgoingMail) -> Mapping[str, Any]:
        return {
            "recipient": waiting.recipient,
            "subject": waiting.subject,
            "message_id": _message_id(waiting.mail_key, self._mail),
        }

    def send(self, waiting: Any, delivery: MailDelivery) -> Mapping[str, Any]:
        message = Message(
            waiting.subject,
            recipients=[waiting.recipient],
            body=waiting.text,
            html=waiting.html or None,
            sender=self._mail.default_sender,
            extra_headers={"Auto-Submitted": "auto-generated"},
        )
        message.msgId = delivery.message_id
        self._mail.send(message)
        return {}

    def is_final(self, fault: Exception) -> bool:
        return is_final(fault)

    def is_away(self, fault: Exception) -> bool:
        return isinstance(fault, OSError) and not isinstance(fault, smtplib.SMTPException)


def is_final(fault: Exception) -> bool:
    """Whether trying again is of no use: a 5xx answer to this mail (RFC 5321 section 4.2.1), but not to the login."""
    if isinstance(fault, UnicodeError):
        return True
    if isinstance(fault, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in fault.recipients.values())
    if isinstance(fault, (smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError, smtplib.SMTPHeloError)):
        return False
    return isinstance(fault, smtplib.SMTPResponseException) and fault.smtp_code >= 500


def _message_id(key: str, mail: OwnMail) -> str:
    domain = parseaddr(mail.default_sender)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"
