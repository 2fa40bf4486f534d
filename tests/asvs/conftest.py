"""One application for all items, one over https, and people who are logged in."""

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.env import Settings
from app.net.application import Application
from app.services import accounts as account_service
from app.services.accounts import Credentials, NewAccount, SessionStart
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.net.conftest import make_app, probe_app, probe_client, sign_up

__all__ = ["make_app", "probe_app", "probe_client", "sign_up"]

PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def secure_app(stores: Settings, make_app: Any) -> Application:
    """The application as it is behind https."""
    return make_app(replace(stores, cookie_secure=True))


@pytest.fixture
def secure(secure_app: Application) -> Any:
    """A browser without a past, over https."""
    made = secure_app.test_client()
    made.environ_base["wsgi.url_scheme"] = "https"
    return made


@pytest.fixture
def logged(stores: Settings, make_app: Any, capfd: Any) -> Any:
    """A client of an application that logs JSON, and its lines so far."""
    client = make_app(replace(stores, log_json=True)).test_client()

    def lines(event: str = "") -> list[dict[str, Any]]:
        found = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
        return [line for line in found if not event or line["event"] == event]

    return client, lines


@dataclass
class Account:
    """Somebody with a password. log_in: by services, at any instant."""

    email: str
    user: Any
    settings: Settings

    def log_in(self, password: str = PASSWORD, *, kind: str = "browser", now: Any = None, **more: Any) -> Any:
        return account_service.log_in(
            Credentials(self.email, password),
            SessionStart(kind, "a test"),
            replaces=more.get("replaces"),
            now=now or utc_now(),
            settings=more.get("settings", self.settings),
        )

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.log_in(kind='mobile').access_token}"}


@pytest.fixture
def account(app: Application, stores: Settings) -> Account:
    """A new account."""
    email = f"asvs-{new_id()}@example.com".lower()
    user = account_service.register(NewAccount(email, PASSWORD), now=utc_now(), settings=stores)
    return Account(email, user, stores)
