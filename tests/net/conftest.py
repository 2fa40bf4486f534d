"""The application with the probe's routes, and people who are logged in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from app import create_app
from app.env import Settings
from app.models import User
from app.net.application import Application
from app.plugins.socketio import socketio
from app.services import accounts as account_service
from app.services.accounts import NewAccount, SessionStart
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.net import probe

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Person:
    """Somebody who is logged in by bearer token and by cookie."""

    id: str
    token: str
    cookie: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def sign_up_person(settings: Settings, **flags: bool) -> Person:
    """A new person with a session of their own."""
    name = f"person-{new_id()}".lower()
    account = NewAccount(email=f"{name}@example.com", password=PASSWORD)
    now = utc_now()
    if flags:
        account_service.register(account, now=now, settings=settings, **flags)
        signed_in = account_service.log_in(
            account_service.Credentials(account.email, PASSWORD),
            SessionStart(),
            replaces=None,
            now=now,
            settings=settings,
        )
    else:
        signed_in = account_service.sign_up(account, SessionStart(), now=now, settings=settings)
    return Person(signed_in.user.id, signed_in.access_token, signed_in.cookie or "")


def confirm_address(user_id: str) -> None:
    """The mail address of this account counts as confirmed."""
    User.find(user_id).update(email_confirmed_at=utc_now())


@pytest.fixture
def sign_up(stores: Settings) -> Callable[..., Person]:
    """Call it for a new person; flags such as is_admin=True are set on the account."""
    return lambda **flags: sign_up_person(stores, **flags)


@pytest.fixture(scope="session")
def make_app(stores: Settings) -> Callable[..., Application]:
    """An application beside the session's own, with the probe's routes. The sockets stay with the session's."""

    def make(settings: Settings = stores) -> Application:
        served = socketio.server
        made = create_app(settings)
        if served is not None:
            socketio.server = served
        made.register_api(probe.probe)
        return made

    return make


@pytest.fixture(scope="session")
def probe_app(app: Application, make_app: Callable[..., Application]) -> Application:
    return make_app()


@pytest.fixture
def probe_client(probe_app: Application) -> Iterator[Any]:
    """A browser of its own on the application with the probe's routes."""
    probe.executions.clear()
    probe.executing.clear()
    probe.go_on.set()
    yield probe_app.test_client()
    probe.go_on.set()
