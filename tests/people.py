"""People in tests: signed up through services, with everything on them unlike anybody else's."""

import hashlib
import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zlib import crc32

from PIL import Image

from app.env import Settings
from app.models.accounts import User
from app.plugins import mail, sms
from app.plugins.mail.tables import SHARDS, MailOfRecipient, OutgoingMail
from app.services import accounts as account_service
from app.services.accounts import NewAccount
from app.utils.ids import new_id

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
ADDRESS = {
    "name": "Ann Lee",
    "address_1": "1 Main St",
    "address_2": "",
    "city": "Springfield",
    "area": "IL",
    "postcode": "62701",
    "country": "US",
}


def fresh_email() -> str:
    return f"ann-{new_id()}@example.com".lower()


def fresh_phone() -> str:
    """A valid number of Illinois that no other test has, very probably."""
    return f"+1217{int(new_id()[-8:], 36) % 8_000_000 + 2_000_000:07d}"


def make_person(settings: Settings, *, now: datetime = NOW, email: str = "", **more: object) -> User:
    """Somebody with an account."""
    names = {name: str(more.pop(name)) for name in ("username", "first_name", "last_name") if name in more}
    account = NewAccount(email=email or fresh_email(), password=PASSWORD, **names)
    return account_service.register(account, now=now, settings=settings, **more)  # type: ignore[arg-type]


def picture(
    image_format: str = "JPEG", size: tuple[int, int] = (400, 300), mode: str = "RGB", **options: object
) -> bytes:
    """A picture's bytes."""
    out = BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, image_format, **options)
    return out.getvalue()


def mails_to(recipient: str) -> list[Any]:
    """The mails that wait for this address, opened, oldest first."""
    digest = hashlib.sha256(recipient.casefold().encode()).hexdigest()
    keys = [row.mail_key for row in MailOfRecipient.objects(recipient_hash=digest).limit(1000)]
    found = [OutgoingMail.find(crc32(key.encode()) % SHARDS, key) for key in keys]
    waiting = sorted((row for row in found if row is not None), key=lambda row: row.created_at)
    return [mail.opened(row) for row in waiting]


def token_to(recipient: str, event: str) -> str:
    """The secret in the link of the latest mail about this event."""
    texts = [each.text for each in mails_to(recipient) if each.mail_key.startswith(f"{event}/")]
    found = re.search(r"#token=([\w-]+)", texts[-1])
    assert found is not None
    return found.group(1)


def code_to(phone: str) -> str:
    """The digits of the latest text message to this number."""
    found = re.search(r"\b(\d{6})\b", sms.opened(sms.waiting_for(phone)[-1]).text)
    assert found is not None
    return found.group(1)
