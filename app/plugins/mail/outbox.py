"""Mails are queued beside the write they tell of, and sent by a job: a mail server that is down costs time only."""

import hashlib
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from zlib import crc32

import structlog
from flask_mail import Message

from app.plugins.cassandra_cqlengine import store
from app.plugins.mail.forgetting import note_recipient
from app.plugins.mail.tables import SHARDS, MailDelivery, OutgoingMail
from app.plugins.mail.transport import OwnMail
from app.utils.errors import ConcurrentChange

log = structlog.get_logger(__name__)

PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400))
TRIES = 20
BATCH = 200
_ERROR_LENGTH = 500
_WAITING = "SELECT mail_key, due_at FROM outgoing_mail WHERE shard = ?"


@dataclass(frozen=True)
class Drained:
    """What one pass did: mails taken by the server, and tries that failed."""

    done: int = 0
    failed: int = 0


def queue(key: str, *, recipient: str, subject: str, text: str, html: str = "", now: datetime) -> None:
    """A mail waits to be sent; one `key` is one mail, however often it is queued within two months.

    Raises ValueError for a recipient that is no address, StoreUnavailable.
    """
    if "@" not in parseaddr(recipient)[1] or "\n" in recipient or "\r" in recipient:
        raise ValueError("The recipient is no mail address")
    note_recipient(key, recipient)
    OutgoingMail.create(
        shard=crc32(key.encode()) % SHARDS,
        mail_key=key,
        recipient=recipient,
        subject=" ".join(subject.split()),
        text=text,
        html=html,
        queued_at=now,
        due_at=now,
    )


def drain(mail: OwnMail, now: datetime) -> Drained:
    """Try waiting mails that are due, BATCH at most; stops early when the mail server does not answer at all.

    Mails that another sender has claimed do not count, or those of a sender that died would hold up all others.
    """
    done = failed = 0
    for shard, key in _due(now):
        if done + failed >= BATCH:
            break
        waiting = OutgoingMail.find(shard, key)
        delivery = _take(waiting, mail, now) if waiting is not None else None
        if waiting is None or delivery is None:
            continue
        fault = _try(mail, waiting, delivery)
        try:
            _note(waiting, delivery, fault, now)
        except ConcurrentChange:
            log.warning("mail took longer than its claim; another sender has it", mail_key=key)
        done, failed = done + (fault is None), failed + (fault is not None)
        if isinstance(fault, OSError) and not isinstance(fault, smtplib.SMTPException):
            break
    return Drained(done, failed)


def _due(now: datetime) -> Iterator[tuple[int, str]]:
    """Shard and key of each waiting mail whose time has come; bodies are not read."""
    instant = OutgoingMail._columns["due_at"]
    for shard in range(SHARDS):
        for row in store().execute(_WAITING, [shard], fetch_size=1000):
            if row["due_at"] is None or instant.to_python(row["due_at"]) <= now:
                yield shard, row["mail_key"]


def _take(waiting: OutgoingMail, mail: OwnMail, now: datetime) -> MailDelivery | None:
    """Make this mail ours for one try; None when it is not due, another's, or finished."""
    if waiting.recipient is None:  # the trace of a late update of a mail that was sent and removed
        waiting.delete()
        return None
    until = now + timedelta(seconds=6 * mail.timeout_seconds)
    delivery, created = MailDelivery.create_if_absent(
        mail_key=waiting.mail_key,
        state="sending",
        recipient=waiting.recipient,
        subject=waiting.subject,
        message_id=_message_id(waiting.mail_key, mail),
        due_at=until,
    )
    if created:
        return delivery
    if delivery.state in ("sent", "refused"):
        waiting.delete()
        return None
    if delivery.due_at > now:
        return None
    try:
        return delivery.update_if_unchanged(state="sending", due_at=until, attempts=delivery.attempts + 1)
    except ConcurrentChange:
        return None


def _try(mail: OwnMail, waiting: OutgoingMail, delivery: MailDelivery) -> Exception | None:
    message = Message(
        waiting.subject,
        recipients=[waiting.recipient],
        body=waiting.text,
        html=waiting.html or None,
        sender=mail.default_sender,
        extra_headers={"Auto-Submitted": "auto-generated"},
    )
    message.msgId = delivery.message_id
    try:
        mail.send(message)
    except (smtplib.SMTPException, OSError, UnicodeError) as fault:
        return fault
    return None


def _note(waiting: OutgoingMail, delivery: MailDelivery, fault: Exception | None, now: datetime) -> None:
    """Write down how the try ended. A server that hung up before its answer may have taken the mail: it is tried
    again under the same Message-ID, by which mail programs know a second copy."""
    if fault is None:
        delivery.update_if_unchanged(state="sent", sent_at=now, last_error=None)
        waiting.delete()
        return
    reason = f"{type(fault).__name__}: {fault}"[:_ERROR_LENGTH]
    if is_final(fault) or delivery.attempts >= TRIES:
        delivery.update_if_unchanged(state="refused", last_error=reason)
        waiting.delete()
        log.error("mail given up", mail_key=waiting.mail_key, attempts=delivery.attempts, reason=reason)
        return
    due_at = now + PAUSES[min(delivery.attempts, len(PAUSES)) - 1]
    delivery.update_if_unchanged(state="waiting", due_at=due_at, last_error=reason)
    waiting.update(due_at=due_at)
    log.warning("mail not sent", mail_key=waiting.mail_key, attempts=delivery.attempts, reason=reason)


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
