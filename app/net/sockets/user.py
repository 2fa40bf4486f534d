"""`/user`: what happens to one person's own things, told in that person's own room."""

from typing import Any

from flask_socketio import SocketIO, emit, join_room
from socketio.exceptions import ConnectionRefusedError as Refused

from app.net.errors import error_object
from app.net.middlewares.access import identify_socket

NAMESPACE = "/user"


def register(socketio: SocketIO) -> None:
    """Serve the namespace."""
    socketio.on_event("connect", connect, namespace=NAMESPACE)
    socketio.on_event("ack", acknowledge, namespace=NAMESPACE)
    socketio.on_event("*", unknown_event, namespace=NAMESPACE)


def connect(auth: dict[str, Any] | None = None) -> None:
    """The socket is in its user's room. Nobody without a good token or cookie gets in."""
    identity = identify_socket(auth)
    if identity is None:
        raise Refused(error_object("unauthenticated", status=401))
    join_room(identity.id)


def acknowledge(payload: Any = None) -> None:
    """The client has shown an event; nothing is kept, for a client re-reads by REST when it connects."""


def unknown_event(event: str, *_payload: Any) -> None:
    """Every other event is refused by name."""
    emit("error", error_object("unknown_event", details={"event": str(event)[:64]}, status=400))
