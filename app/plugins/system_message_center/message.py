"""What a system message is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


class Unreachable(Exception):
    """The recipient has nothing that this channel could use, such as no mail address."""


@dataclass(frozen=True)
class Recipient:
    """Whom a message is for; a channel uses what it needs. Empty means that the channel cannot reach them."""

    email: str = ""
    user_id: str = ""
    phone: str = ""


@dataclass(frozen=True)
class SystemMessage:
    """Something that happened, told to one recipient.

    event: its name, also of the templates `email/<event>.html` and `.txt`. key: one key is one message, however
    often it is delivered. values: plain values for the templates. payload: what open pages hear, `id` included.
    expires_at: when the message is of no use any more; what has not been sent by then is dropped.
    """

    event: str
    key: str
    recipient: Recipient
    subject: str
    now: datetime
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    payload: Mapping[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None
