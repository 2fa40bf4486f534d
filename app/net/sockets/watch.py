"""A login that is ended on any process closes its sockets on this one within half a minute."""

import threading
from collections.abc import Sequence

import structlog
from flask_socketio import SocketIO

from app.net.sockets.namespace import SignedInNamespace
from app.utils.errors import DomainError

log = structlog.get_logger(__name__)

CHECK_EVERY_SECONDS = 30


def watch_sessions(socketio: SocketIO, namespaces: Sequence[SignedInNamespace]) -> None:
    """Start looking when the first person connects; before that, and with nobody there, nothing runs."""
    lock = threading.Lock()
    running = False

    def look() -> None:
        nonlocal running
        while True:
            socketio.sleep(CHECK_EVERY_SECONDS)
            for namespace in namespaces:
                try:
                    namespace.drop_ended_sessions()
                except DomainError as refusal:
                    log.warning("sessions of sockets not checked", reason=refusal.message)
            with lock:
                if all(namespace.is_empty for namespace in namespaces):
                    running = False
                    return

    def start() -> None:
        nonlocal running
        with lock:
            if running:
                return
            running = True
        socketio.start_background_task(look)

    for namespace in namespaces:
        namespace.on_arrival = start
