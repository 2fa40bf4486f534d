"""The queue of texts, and how one of them is sent."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.plugins.sending_queue import Drained, SendingQueue
from app.plugins.sms.provider import SmsFault, SmsProvider, SmsRefused, SmsUnreachable
from app.plugins.sms.tables import OutgoingSms, SmsDelivery

LONGEST_TEXT = 1600
QUEUE = SendingQueue("sms", OutgoingSms, SmsDelivery, sealed=("text",))
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


def queue(key: str, *, recipient: str, text: str, now: datetime, expires_at: datetime | None = None) -> None:
    """A text waits to be sent to an E.164 number; one `key` is one text, however often it is queued.

    expires_at: when it is of no use any more; it is not sent then.
    Raises ValueError for a recipient that is no number or a text too long, StoreUnavailable.
    """
    if not _NUMBER.fullmatch(recipient):
        raise ValueError("The recipient is no phone number")
    if not 0 < len(text) <= LONGEST_TEXT:
        raise ValueError(f"A text has 1 to {LONGEST_TEXT} characters")
    QUEUE.put(key, now=now, expires_at=expires_at, recipient=recipient, text=text)


def opened(waiting: OutgoingSms) -> Any:
    """The columns of a text that waits, its words in clear. Raises SealBroken."""
    return QUEUE.opened(waiting)


def drain(provider: SmsProvider, now: datetime) -> Drained:
    """Try waiting texts that are due. Raises StoreUnavailable."""
    return QUEUE.drain(SmsSender(provider), now)


class SmsSender:
    """Sends by a provider."""

    faults = (SmsFault,)

    def __init__(self, provider: SmsProvider) -> None:
        self._provider = provider
        self.claim_seconds = 6 * provider.timeout_seconds

    def describe(self, waiting: OutgoingSms) -> Mapping[str, Any]:
        return {}

    def send(self, waiting: Any, delivery: SmsDelivery) -> Mapping[str, Any]:
        return {"provider_ref": self._provider.send(waiting.recipient, waiting.text, key=waiting.sms_key)}

    def is_final(self, fault: Exception) -> bool:
        return isinstance(fault, SmsRefused)

    def is_away(self, fault: Exception) -> bool:
        return isinstance(fault, SmsUnreachable)
