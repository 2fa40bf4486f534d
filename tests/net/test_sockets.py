"""Rooms over real sockets: own sellers only, staff only, and a refusal by name for everything else (spec: api, 4)."""

import queue
import time
from dataclasses import replace

import pytest
import socketio
from socketio.exceptions import ConnectionError as Refused

from app.models import User
from app.net.sockets.namespace import SignedInNamespace
from app.plugins import socketio as socketio_plugin
from app.plugins.socketio import announce
from app.services import accounts as account_service
from app.services import stores as store_service
from app.services.accounts import administration
from app.services.stores import SellerProfile
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.factories import authority, give_role, log_in, make_role, make_store
from tests.times import at

WAIT_SECONDS = 10
SLOW_MACHINE_SECONDS = 0.5
NOW = at("2026-01-31T12:00:00")


class Listener:
    """A real client in one namespace, and what it heard."""

    def __init__(self, address, namespace, **options):
        self.namespace = namespace
        self.client = socketio.Client(reconnection=False)
        self.heard = queue.Queue()
        self.gone = queue.Queue()
        self.client.on("*", lambda event, payload=None: self.heard.put((event, payload)), namespace=namespace)
        self.client.on("disconnect", lambda reason=None: self.gone.put(True), namespace=namespace)
        self.client.connect(
            address, namespaces=[namespace], transports=["websocket"], wait_timeout=WAIT_SECONDS, **options
        )

    def send(self, event, payload):
        self.client.emit(event, payload, namespace=self.namespace)

    def ask(self, event, payload):
        return self.client.call(event, payload, namespace=self.namespace, timeout=WAIT_SECONDS)

    def hear(self):
        return self.heard.get(timeout=WAIT_SECONDS)


@pytest.fixture
def listen(live_server):
    opened = []

    def open_listener(namespace, person, **options):
        auth = {"token": person.token} if person else None
        opened.append(Listener(live_server, namespace, auth=auth, **options))
        return opened[-1]

    yield open_listener
    for listener in opened:
        listener.client.disconnect()


@pytest.fixture
def open_store(app):
    def make(owner):
        profile = SellerProfile(name=f"Store {new_id()}", currency="USD")
        return store_service.open_store(profile, owner_id=owner.id, seller_id=new_id(), now=NOW).id

    return make


def test_a_seller_hears_of_an_own_store_after_subscribing(listen, sign_up, open_store):
    owner = sign_up(is_seller=True)
    store_id, silent_id = open_store(owner), open_store(owner)
    listener = listen("/seller", owner)
    assert listener.ask("subscribe", {"store_id": store_id}) == {"store_id": store_id}
    announce("/seller", silent_id, "order_new", {"id": "o1"})
    announce("/seller", store_id, "order_new", {"id": "o2"})
    assert listener.hear() == ("order_new", {"id": "o2"})
    assert listener.ask("unsubscribe", {"store_id": store_id}) == {"store_id": store_id}
    announce("/seller", store_id, "order_new", {"id": "o3"})
    assert listener.ask("subscribe", {"store_id": silent_id}) == {"store_id": silent_id}
    assert listener.heard.empty()


def test_anothers_store_and_an_unknown_one_are_forbidden_alike(listen, sign_up, open_store):
    store_id = open_store(sign_up(is_seller=True))
    listener = listen("/seller", sign_up(is_seller=True))
    for asked in (store_id, new_id()):
        listener.send("subscribe", {"store_id": asked})
        event, error = listener.hear()
        assert (event, error["code"], error["details"]) == ("error", "forbidden", {"store_id": asked})
    announce("/seller", store_id, "order_new", {"id": "o1"})
    listener.send("nonsense", {})
    assert listener.hear()[1]["code"] == "unknown_event"


@pytest.mark.parametrize("event", ["nonsense", "order_new", "connect_error", "person", "trigger_event"])
def test_an_unknown_event_is_refused_by_name(listen, sign_up, event):
    listener = listen("/seller", sign_up())
    listener.send(event, {"id": 1})
    name, error = listener.hear()
    assert (name, error["code"], error["details"]) == ("error", "unknown_event", {"event": event})


@pytest.mark.parametrize(
    "payload", [{}, {"store_id": 5}, {"store_id": ""}, {"store_id": "a", "more": 1}, "text", None, [1]]
)
def test_a_malformed_payload_names_its_fields(listen, sign_up, payload):
    listener = listen("/seller", sign_up())
    listener.send("subscribe", payload)
    name, error = listener.hear()
    assert (name, error["code"]) == ("error", "invalid" if payload is not None else error["code"])
    assert error["code"] in ("invalid", "bad_request")


def test_only_admins_get_into_admin(listen, sign_up):
    for person in (None, sign_up(), sign_up(is_seller=True), sign_up(is_teacher=True)):
        with pytest.raises(Refused):
            listen("/admin", person)


def test_an_admin_sees_the_figures_and_alerts(listen, sign_up):
    listener = listen("/admin", sign_up(is_admin=True))
    announce("/admin", "staff", "alert", {"id": "a1", "kind": "late"})
    heard = dict([listener.hear(), listener.hear()])
    assert heard["alert"] == {"id": "a1", "kind": "late"}
    assert set(heard["metrics"]) == {"id", "at", "parts"}
    assert {"cassandra", "elasticsearch", "outbox", "scheduler"} == set(heard["metrics"]["parts"])


def test_a_namespace_nobody_serves_is_refused(listen, sign_up):
    with pytest.raises(Refused):
        listen("/secret", sign_up())


def test_another_site_cannot_open_a_socket(listen, sign_up):
    with pytest.raises(Refused):
        listen("/user", sign_up(), headers={"Origin": "https://evil.example"})


def test_a_login_that_ends_takes_its_sockets_with_it(listen, sign_up):
    ann, ben = sign_up(), sign_up()
    anns, bens = listen("/user", ann), listen("/user", ben)
    account_service.end_all_sessions(ann.id, now=utc_now())
    served = socketio_plugin.socketio.server.namespace_handlers["/user"]
    assert isinstance(served, SignedInNamespace)
    served.drop_ended_sessions()
    assert anns.gone.get(timeout=WAIT_SECONDS)
    announce("/user", ben.id, "notification", {"id": "n1"})
    assert bens.hear() == ("notification", {"id": "n1"})


@pytest.mark.parametrize("how", ["logout", "ban", "role"])
def test_a_change_of_rights_closes_sockets_within_a_second_by_itself(listen, sign_up, how):
    """What tells this process is a row, so it does not matter which process wrote it."""
    ann, admin = sign_up(), sign_up(is_admin=True)
    listener = listen("/user", ann)
    by = authority(User.find(admin.id))
    changes = {
        "logout": lambda: account_service.end_all_sessions(ann.id, now=utc_now()),
        "ban": lambda: administration.change_status(ann.id, "banned", by, reason="spam", now=utc_now()),
        "role": lambda: give_role(make_role(make_store(), "orders.sale.read"), User.find(ann.id)),
    }
    changes[how]()
    begun = time.monotonic()
    assert listener.gone.get(timeout=WAIT_SECONDS)
    assert time.monotonic() - begun < 1.0 + SLOW_MACHINE_SECONDS


def test_a_role_opens_the_room_of_exactly_its_store(listen, sign_up, settings):
    member, store, other = sign_up(), make_store(), make_store()
    user = User.find(member.id)
    give_role(make_role(store, "orders.sale.read"), user)
    give_role(make_role(other, "catalog.item.write"), user)
    listener = listen("/seller", replace(member, token=log_in(user, settings).access_token))
    assert listener.ask("subscribe", {"store_id": store.id}) == {"store_id": store.id}
    listener.send("subscribe", {"store_id": other.id})
    event, error = listener.hear()
    assert (event, error["code"]) == ("error", "forbidden")


def test_an_acknowledgement_is_answered(listen, sign_up):
    assert listen("/user", sign_up()).ask("ack", {"id": "n1"}) == {"id": "n1"}


def test_an_announcement_to_nobody_or_of_nonsense_never_raises(app):
    announce("/user", "nobody", "notification", {"id": "n1"})
    announce("/user", "nobody", "notification", {"id": object()})
