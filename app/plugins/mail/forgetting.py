"""What is kept of the mails to one address: listed for its owner, and forgotten."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zlib import crc32

from app.plugins.mail.tables import SHARDS, MailDelivery, MailOfRecipient, OutgoingMail
from app.plugins.mail.transport import file_of
from app.utils.errors import ConcurrentChange, NotFound

FORGOTTEN = "forgotten"
WAITED_FOR = timedelta(days=1)


@dataclass(frozen=True)
class KeptMail:
    """One mail as far as it is still known. sent_at: None while it waits, or when it was refused."""

    subject: str
    state: str
    queued_at: datetime | None
    sent_at: datetime | None


def note_recipient(key: str, recipient: str) -> None:
    """The mail of this key can be found by its recipient."""
    MailOfRecipient.create(recipient_hash=_hash(recipient), mail_key=key)


def mails_to(recipient: str) -> list[KeptMail]:
    """The mails to this address of the last two months."""
    kept = []
    for row in _rows(recipient):
        waiting, delivery = _outgoing(row.mail_key), MailDelivery.find(row.mail_key)
        known = delivery or waiting
        if known is not None and known.recipient == recipient:
            queued_at = waiting.queued_at if waiting else known.created_at
            state = delivery.state if delivery else "waiting"
            kept.append(KeptMail(known.subject, state, queued_at, delivery.sent_at if delivery else None))
    return kept


def is_waiting(key: str, now: datetime) -> bool:
    """Whether this mail was queued within a day before `now` and has not been sent or refused yet."""
    waiting = _outgoing(key)
    return waiting is not None and now - waiting.queued_at < WAITED_FOR


def forget(recipient: str, folder: Path) -> int:
    """No mail to this address waits, and what was sent has lost its recipient and subject; the number of mails.

    folder: where mails are written as files when there is no mail server. A key stays known, so that no mail of it
    goes out again.
    """
    rows = _rows(recipient)
    for row in rows:
        if (waiting := _outgoing(row.mail_key)) is not None:
            waiting.delete()
        if (delivery := MailDelivery.find(row.mail_key)) is not None:
            file_of(folder, delivery.message_id).unlink(missing_ok=True)
            with suppress(NotFound, ConcurrentChange):
                MailDelivery.change(delivery.key, _emptied)
        row.delete()
    return len(rows)


def _emptied(delivery: MailDelivery) -> dict[str, object]:
    return {"recipient": FORGOTTEN, "subject": FORGOTTEN, "last_error": None, "state": _final(delivery.state)}


def _final(state: str) -> str:
    return state if state in ("sent", "refused") else "refused"


def _rows(recipient: str) -> list[MailOfRecipient]:
    return list(MailOfRecipient.objects(recipient_hash=_hash(recipient)).limit(100_000))


def _outgoing(key: str) -> OutgoingMail | None:
    return OutgoingMail.find(crc32(key.encode()) % SHARDS, key)


def _hash(recipient: str) -> str:
    return hashlib.sha256(recipient.casefold().encode()).hexdigest()
