"""The written table of who gets which answer (access_table.toml), call by call.

test_access.py asks the decorators what they promise; here the answers are spelled out, custom roles and other people's
ids included, so that a decorator which promises the wrong thing fails too.
"""

import io
import json
import queue
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import socketio as socketio_client
from socketio.exceptions import ConnectionError as Refused

from app.models import AdminLog, Seller, User
from app.net.sockets import SignedInNamespace
from app.plugins.socketio import socketio
from app.services import accounts as account_service
from app.services import audit
from app.services.accounts import acting, kyc
from app.services.accounts.acting import ActingStart
from app.services.accounts.kyc import Submission
from app.services.accounts.rights import PLATFORM_CODES, TENANT_CODES
from app.services.audit import Actor, Deed
from app.services.catalog.imports import ImportRequest, start_import
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.factories import (
    give_role,
    log_in,
    make_course,
    make_platform_role,
    make_product,
    make_role,
    make_school,
    make_store,
    make_user,
)
from tests.people import picture

TABLE = tomllib.loads((Path(__file__).parent / "access_table.toml").read_text(encoding="utf-8"))
CALLERS = ("anonymous", "other_owner", "wrong_role", "blocked", "right_role")  # who changes things comes last
WAIT_SECONDS = 10


def expected(entry: dict[str, str], caller: str) -> str:
    return entry.get("everybody") or entry[caller]


def route_of(entry: dict[str, str]) -> str:
    return entry["call"].partition("?")[0]


@dataclass
class Scene:
    """A school and a store, what is there, and the people who try to get at it."""

    settings: object
    folder: Path
    store: Seller = field(default_factory=make_store)
    school: Seller = field(default_factory=make_school)
    people: dict[tuple[str, str], User] = field(default_factory=dict)

    def headers(self, caller: str, needs: str) -> dict[str, str]:
        token = self.token(caller, needs)
        return {"Authorization": f"Bearer {token}"} if token else {}

    def token(self, caller: str, needs: str) -> str:
        """A fresh login of the caller; none for anonymous ones."""
        if caller == "anonymous":
            return ""
        if (caller, needs) not in self.people:
            self.people[caller, needs] = getattr(self, f"_{caller}")(needs)
        user = self.people[caller, needs]
        if caller != "blocked":
            return log_in(user, self.settings).access_token
        user.update(status="active")
        token = log_in(user, self.settings).access_token
        user.update(status="banned")
        return token

    def _other_owner(self, needs: str) -> User:
        user = make_user(self.settings, is_seller=True, is_teacher=True)
        make_store(user.id), make_school(user.id)
        return user

    def _wrong_role(self, needs: str) -> User:
        user = make_user(self.settings)
        if needs in PLATFORM_CODES:
            give_role(make_platform_role(*PLATFORM_CODES - {needs}), user)
        else:
            self._give_on_tenants(user, TENANT_CODES - {needs})
        return user

    def _right_role(self, needs: str) -> User:
        if needs.startswith("is_"):
            return make_user(self.settings, **{needs: True})
        user = make_user(self.settings)
        if needs in PLATFORM_CODES:
            give_role(make_platform_role(needs), user)
        else:
            self._give_on_tenants(user, {needs or "orders.sale.read"})
        return user

    _blocked = _right_role

    def acting_headers(self, user: User, staff: User) -> dict[str, str]:
        """A fresh login in which staff act in the user's name."""
        now, why = utc_now(), ActingStart("tries every door")
        identity = account_service.authenticate_cookie(log_in(staff, self.settings).cookie, now=now)
        begun = acting.begin(user.id, identity, why, Actor(staff.id), now=now, settings=self.settings)
        return {"Authorization": f"Bearer {begun.access_token}"}

    def _give_on_tenants(self, user: User, codes: set[str] | frozenset[str]) -> None:
        for tenant in (self.store, self.school):
            give_role(make_role(tenant, *codes), user)

    # what the paths name

    def filled(self, entry: dict[str, str]) -> str:
        """The call's method and path with ids in it, each of something made for this call."""
        call = entry["call"]
        for place, make in self.makers(entry).items():
            for spelling in (f"<{place}>", f"<string:{place}>", f"<path:{place}>"):
                if spelling in call:
                    call = call.replace(spelling, make())
        return self.named(call)

    def named(self, text: str, **more: str) -> str:
        for name, value in {"store": self.store.id, "school": self.school.id, **more}.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def makers(self, entry: dict[str, str]) -> dict[str, Callable[[], str]]:
        on_platform = entry["call"].split(" ")[1].startswith("/api/admin")
        is_course = "course" in entry["call"]
        needs = entry.get("needs", "")
        return {
            "kind": lambda: "store",
            "tenant_id": lambda: self.store.id,
            "seller": lambda: self.school.id if "school" in entry["call"] else self.store.id,
            "item": lambda: make_course(school=self.school).id if is_course else make_product(store=self.store).id,
            "role_id": lambda: (make_platform_role(needs) if on_platform else make_role(self.store, needs)).id,
            "user_id": lambda: (self._checked() if "kyc" in entry["call"] else self._somebody(on_platform, needs)).id,
            "side": lambda: "front",
            "log_id": self._log_entry,
            "run_id": self._import_run,
            **dict.fromkeys(("session_id", "line_id", "order_id", "payment_id"), new_id),
            **dict.fromkeys(("device_id", "passkey_id", "link_id", "address_id", "export_id"), new_id),
            **{name: lambda: "made-up" for name in ("name", "path", "rest", "filename", "provider")},
        }

    def _somebody(self, on_platform: bool, needs: str) -> User:
        user = make_user(self.settings)
        if not on_platform:
            give_role(make_role(self.store, needs), user)
        return user

    def _checked(self) -> User:
        """Somebody whose identity waits to be checked."""
        user = make_user(self.settings)
        kyc.submit(user.id, Submission("passport", "L01X00T47", picture()), now=utc_now(), settings=self.settings)
        return user

    def _log_entry(self) -> str:
        kept: AdminLog = audit.record(Deed("test.made", "user", new_id()), Actor(new_id()), now=utc_now())
        return kept.id

    def _import_run(self) -> str:
        wanted = ImportRequest(new_id(), "product", self.store, new_id(), "lamps.csv", self.folder, 10_000)
        return start_import(wanted, csv_file(), utc_now()).id


def csv_file() -> io.BytesIO:
    return io.BytesIO(f"sku,name,price\n{new_id()},Lamp,1.00\n".encode())


@pytest.fixture(scope="module")
def scene(app, settings, tmp_path_factory):
    return Scene(settings, tmp_path_factory.mktemp("imports"))


# routes


def test_every_route_is_in_the_table_once_and_no_other(app):
    served = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not rule.rule.startswith("/api/probe")
    }
    written = [route_of(entry) for entry in TABLE["route"]]
    assert sorted(served - set(written)) == [], "write these into tests/net/access_table.toml"
    assert sorted(set(written) - served) == [], "these are no routes any more"
    assert len(written) == len(set(written))


@pytest.mark.parametrize("entry", TABLE["route"], ids=route_of)
def test_each_caller_gets_the_written_answer(app, scene, entry):
    needs, got = entry.get("needs", ""), {}
    path = scene.filled(entry)
    for caller in CALLERS:
        got[caller] = answer_of(app, scene, entry, path, scene.headers(caller, needs))
    if entry.get("everybody") == "open":
        assert all(answer[:3] not in ("401", "403") for answer in got.values()), got
        return
    assert got == {caller: expected(entry, caller) for caller in CALLERS}


def test_staff_who_act_as_somebody_are_refused_what_is_written(app, scene):
    user, staff, refused = scene._right_role("stores.role.write"), make_user(scene.settings, is_admin=True), []
    for entry in TABLE["route"]:
        headers = scene.acting_headers(user, staff)
        if answer_of(app, scene, entry, scene.filled(entry), headers) == "403 acting_refused":
            refused.append(route_of(entry))
    assert sorted(refused) == sorted(TABLE["refused_to_acting"])


def answer_of(app, scene: Scene, entry: dict[str, str], call: str, headers: dict[str, str]) -> str:
    method, path = call.split(" ")
    sent = {}
    if "body" in entry:
        made = {"role_id": scene.makers(entry)["role_id"]()} if "{role_id}" in entry["body"] else {}
        sent = {"data": scene.named(entry["body"], **made), "content_type": "application/json"}
    if "form" in entry:
        form = dict(part.split("=") for part in scene.named(entry["form"]).split())
        sent = {"data": form | {"file": (csv_file(), "lamps.csv")}, "content_type": "multipart/form-data"}
    answer = app.test_client().open(path, method=method, headers=headers, **sent)
    error = (answer.get_json(silent=True) or {}).get("error") or {}
    return f"{answer.status_code} {error.get('code', '')}".strip()


# socket events


def test_every_event_of_every_namespace_is_in_the_table(app):
    served = set()
    for name, namespace in socketio.server.namespace_handlers.items():
        assert isinstance(namespace, SignedInNamespace), f"{name} lets in people who are not logged in"
        served |= {(name, event) for event in (*namespace.events, "connect", "made_up")}
    written = [(entry["namespace"], entry["event"]) for entry in TABLE["event"]]
    assert sorted(served.symmetric_difference(written)) == []
    assert len(written) == len(set(written))


@pytest.mark.parametrize("entry", TABLE["event"], ids=lambda entry: f"{entry['namespace']} {entry['event']}")
def test_each_caller_of_a_socket_gets_the_written_answer(live_server, scene, entry):
    got = {}
    for caller in CALLERS:
        got[caller] = reaction(live_server, scene, entry, scene.token(caller, entry.get("needs", "")))
    assert got == {caller: entry[caller] for caller in CALLERS}


def reaction(address: str, scene: Scene, entry: dict[str, str], token: str) -> str:
    client, heard = socketio_client.Client(reconnection=False), queue.Queue()
    namespace = entry["namespace"]
    client.on("*", lambda event, payload=None: heard.put((event, payload)), namespace=namespace)
    try:
        client.connect(
            address,
            namespaces=[namespace],
            transports=["websocket"],
            wait_timeout=WAIT_SECONDS,
            auth={"token": token} if token else None,
        )
        if entry["event"] == "connect":
            return "connected"
        payload = json.loads(scene.named(entry["payload"]))
        client.emit(
            entry["event"], payload, namespace=namespace, callback=lambda *answer: heard.put(("answered", answer))
        )
        while True:
            event, told = heard.get(timeout=WAIT_SECONDS)
            if event == "error":
                return f"error {told['code']}"
            if event == "answered" and told and told[0] is not None:
                return "answered"
    except Refused:
        return "refused"
    finally:
        client.disconnect()
