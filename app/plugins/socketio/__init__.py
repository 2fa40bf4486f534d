"""Socket.IO: threads and simple-websocket, one process without a broker, many with a message queue."""

from typing import Any

import structlog
from flask import Flask
from flask_socketio import SocketIO

from app.env import Settings

log = structlog.get_logger(__name__)

socketio = SocketIO()


def init_app(app: Flask) -> None:
    """Serve sockets at /socket.io/ beside the app; other processes' announcements arrive by the queue, if set."""
    settings: Settings = app.config["SETTINGS"]
    socketio.init_app(
        app,
        async_mode="threading",
        message_queue=settings.socketio_message_queue or None,
        cors_allowed_origins=list(settings.cors_origins) or None,
        manage_session=False,
        max_http_buffer_size=100_000,
        ping_interval=25,
        ping_timeout=20,
    )


def announce(namespace: str, room: str, event: str, payload: dict[str, Any]) -> None:
    """Tell everybody in the room. Never raises: a missed announcement costs one REST read, and is logged.

    payload: plain JSON values; by the wire's rule it has `id`, `at` and the changed fields.
    """
    try:
        if socketio.server is not None:
            socketio.emit(event, payload, namespace=namespace, to=room)
    except Exception:
        log.exception("announcement failed", namespace=namespace, event_name=event)


__all__ = ["announce", "init_app", "socketio"]
