"""People with second factors, made through services; and the mails they get."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest

from app.env import Settings
from app.plugins import mail
from app.plugins.mail import OutgoingMail
from app.plugins.mail.tables import SHARDS
from app.services import accounts as account_service
from app.services.accounts import Credentials, NewAccount, SecondFactorRequired, SessionStart, SignedIn, totp
from app.services.accounts.rights import Identity
from app.utils.ids import new_id

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
STEP = timedelta(seconds=30)
LATER = NOW + 4 * STEP
PASSWORD = "correct horse battery"
BROWSER = SessionStart("browser", "Firefox", "192.0.2.1")
PHONE = SessionStart("mobile", "Ann's phone", "192.0.2.1")


def make_person(settings: Settings, password: str | None = PASSWORD, **flags: Any) -> Identity:
    """Somebody with a confirmed address who logged in at NOW. flags: is_admin and the like."""
    account = NewAccount(f"ann-{new_id()}@example.com", password, first_name="Ann")
    user = account_service.register(account, now=NOW, settings=settings, **flags).update(email_confirmed_at=NOW)
    signed_in = account_service.complete_login(user, BROWSER, replaces=None, now=NOW, settings=settings)
    return account_service.authenticate_cookie(signed_in.cookie or "", now=NOW)


def unconfirmed(person: Identity) -> Identity:
    """The person, whose address does not count as confirmed any more."""
    return replace(person, user=person.user.update(email_confirmed_at=None))


def log_in(person: Identity, settings: Settings, *, now: datetime = LATER) -> SignedIn:
    """A login by password from a phone."""
    credentials = Credentials(person.email, PASSWORD)
    return account_service.log_in(credentials, PHONE, replaces=None, now=now, settings=settings)


def another_login_of(person: Identity, settings: Settings) -> Identity:
    """The person by another login, one that no second factor was asked for."""
    token = log_in(person, settings, now=NOW).access_token
    return account_service.authenticate_bearer(token, now=NOW, settings=settings)


def ask_for_second_step(person: Identity, settings: Settings, *, now: datetime = LATER) -> dict[str, Any]:
    """What a login by password answers to somebody with a second factor."""
    with pytest.raises(SecondFactorRequired) as refusal:
        log_in(person, settings, now=now)
    return refusal.value.details


def turn_on_app(person: Identity, settings: Settings, *, now: datetime = NOW) -> tuple[pyotp.TOTP, list[str]]:
    """The person's authenticator app, and the recovery codes."""
    app = pyotp.TOTP(totp.enrol(person, now=now, settings=settings).secret)
    return app, totp.confirm(person, app.at(now), now=now, settings=settings)


def wrong(code: str) -> str:
    """Another code of as many digits."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def mails_of(person: Identity) -> list[Any]:
    """What waits to be sent to the person, opened."""
    waiting = [row for shard in range(SHARDS) for row in OutgoingMail.objects(shard=shard).limit(10_000)]
    return [mail.opened(row) for row in waiting if row.recipient == person.email]
