"""`/user` over a real WebSocket: nobody without a login gets in, and everybody hears only their own things."""

import queue

import pytest
import requests
import socketio
from socketio.exceptions import ConnectionError as Refused

from app.net.middlewares.access import COOKIE
from app.plugins.socketio import announce
from app.utils.ids import new_id

PASSWORD = "correct horse battery"
WAIT_SECONDS = 5


@pytest.fixture
def join(live_server):
    """Registers a person over HTTP."""

    def register() -> tuple[dict, str]:
        body = {"email": f"dan-{new_id()}@example.com", "password": PASSWORD}
        answer = requests.post(f"{live_server}/api/auth/register", json=body, timeout=10)
        assert answer.status_code == 201
        return answer.json()["data"], answer.cookies[COOKIE]

    return register


@pytest.fixture
def connect(live_server):
    """Opens sockets and closes them at the end; what they hear is in their `heard` queue."""
    opened = []

    def open_socket(**options) -> socketio.Client:
        client = socketio.Client(reconnection=False)
        client.heard = queue.Queue()
        opened.append(client)
        client.on("*", lambda event, payload=None: client.heard.put((event, payload)), namespace="/user")
        client.connect(
            live_server, namespaces=["/user"], transports=["websocket"], wait_timeout=WAIT_SECONDS, **options
        )
        return client

    yield open_socket
    for client in opened:
        client.disconnect()


def hear(client) -> tuple:
    return client.heard.get(timeout=WAIT_SECONDS)


def test_a_user_hears_what_is_told_to_that_user_and_nobody_else(connect, join):
    ann, _ = join()
    bob, bobs_cookie = join()
    ann_socket = connect(auth={"token": ann["access_token"]})
    bob_socket = connect(headers={"Cookie": f"{COOKIE}={bobs_cookie}"})
    announce("/user", ann["user"]["id"], "notification", {"id": "n1", "text": "for Ann"})
    announce("/user", bob["user"]["id"], "notification", {"id": "n2", "text": "for Bob"})
    assert hear(ann_socket) == ("notification", {"id": "n1", "text": "for Ann"})
    assert hear(bob_socket) == ("notification", {"id": "n2", "text": "for Bob"})
    assert ann_socket.heard.empty()
    assert bob_socket.heard.empty()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"auth": {"token": ""}},
        {"auth": {"token": "nonsense"}},
        {"auth": {"token": 5}},
        {"auth": {"token": ["x"]}},
        {"headers": {"Cookie": f"{COOKIE}=a.b.c"}},
    ],
)
def test_nobody_without_a_login_gets_in(connect, options):
    with pytest.raises(Refused):
        connect(**options)


def test_a_bad_token_does_not_fall_back_to_the_cookie(connect, join):
    _, cookie = join()
    with pytest.raises(Refused):
        connect(auth={"token": "nonsense"}, headers={"Cookie": f"{COOKIE}={cookie}"})


def test_an_ended_login_gets_no_socket(connect, join, live_server):
    ann, _ = join()
    headers = {"Authorization": f"Bearer {ann['access_token']}"}
    assert requests.post(f"{live_server}/api/auth/logout", headers=headers, timeout=10).status_code == 204
    with pytest.raises(Refused):
        connect(auth={"token": ann["access_token"]})


def test_unknown_events_are_refused_by_name(connect, join):
    ann, _ = join()
    socket = connect(auth={"token": ann["access_token"]})
    socket.emit("ack", {"id": "n1"}, namespace="/user")
    socket.emit("become_admin", {"id": 1}, namespace="/user")
    event, payload = hear(socket)
    assert (event, payload["code"], payload["details"]) == ("error", "unknown_event", {"event": "become_admin"})
