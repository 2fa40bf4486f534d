"""A login that ends, or rights that change, on any process: this one closes its sockets within a second.

Each process reads once in half a second who was told of. A look at everybody, every half minute, finds what was
missed, and the logins that ended by time alone.
"""

import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from flask_socketio import SocketIO

from app.net.sockets.namespace import SignedInNamespace
from app.services.accounts import notices
from app.utils.clock import utc_now
from app.utils.errors import DomainError

log = structlog.get_logger(__name__)

LISTEN_EVERY_SECONDS = 0.5
CHECK_EVERY_SECONDS = 30
_CLOCKS_APART = timedelta(seconds=5)


def watch_sessions(socketio: SocketIO, namespaces: Sequence[SignedInNamespace]) -> None:
    """Start looking when the first person connects; before that, and with nobody there, nothing runs."""
    lock = threading.Lock()
    running = False

    def look() -> None:
        nonlocal running
        checked, heard_at = time.monotonic(), utc_now()
        while True:
            socketio.sleep(LISTEN_EVERY_SECONDS)
            try:
                heard_at = _listen(namespaces, heard_at)
                if time.monotonic() - checked >= CHECK_EVERY_SECONDS:
                    checked = time.monotonic()
                    for namespace in namespaces:
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


def _listen(namespaces: Sequence[SignedInNamespace], heard_at: datetime) -> datetime:
    """Look at whom the others told of since; returns until when was listened."""
    now = utc_now()
    if people := notices.heard(since=heard_at - _CLOCKS_APART, until=now + _CLOCKS_APART):
        for namespace in namespaces:
            namespace.drop_ended_sessions(people)
    return now
