"""What waits to be mailed or texted to somebody, and the codes and links in it."""

import re
from collections.abc import Callable
from typing import Any

from app.plugins import mail, sms
from app.plugins.mail import OutgoingMail
from app.plugins.sending_queue import SHARDS
from app.plugins.sms import OutgoingSms


def letters_to(recipient: str) -> dict[str, Any]:
    """Every waiting mail or text to this address or number, opened, by its key, oldest first."""
    channel, table = (sms, OutgoingSms) if recipient.startswith("+") else (mail, OutgoingMail)
    rows = (row for shard in range(SHARDS) for row in table.objects(shard=shard).limit(10_000))
    found = sorted((row for row in rows if row.recipient == recipient), key=lambda row: row.queued_at)
    return {row.key[1]: channel.opened(row) for row in found}


def letters_by(act: Callable[[], object], recipient: str) -> list[Any]:
    """What `act` leaves waiting for the recipient."""
    before = set(letters_to(recipient))
    act()
    return [row for key, row in letters_to(recipient).items() if key not in before]


def letter_by(act: Callable[[], object], recipient: str) -> Any:
    """The one letter that `act` leaves waiting for the recipient."""
    (letter,) = letters_by(act, recipient)
    return letter


def code_in(letter: Any) -> str:
    """The code of six digits in a letter."""
    (code,) = re.findall(r"(?<!\d)\d{6}(?!\d)", letter.text)
    return code


def token_in(letter: Any) -> str:
    """The token of the link in a letter; the same in both of a mail's bodies."""
    (token,) = set(re.findall(r"#token=([\w-]+)", letter.text + letter.html))
    return token
