"""`/admin`: alerts and, every ten seconds, the figures of the running system."""

from collections.abc import Iterable
from typing import Any

import structlog

from app.net.sockets.namespace import SignedInNamespace
from app.plugins.socketio import announce, socketio
from app.services import accounts as account_service
from app.services import health
from app.services.accounts import Forbidden, Identity
from app.utils.clock import utc_now
from app.utils.instants import instant_text

log = structlog.get_logger(__name__)

ROOM = "staff"
METRICS_EVERY_SECONDS = 10


class AdminNamespace(SignedInNamespace):
    def __init__(self, namespace: str) -> None:
        super().__init__(namespace)
        self._is_measuring = False

    def ensure_welcome(self, identity: Identity) -> None:
        if identity.rank < account_service.RANKS["admin"]:
            raise Forbidden("Your account has no right to do this.", details={"rank": "admin"})

    def rooms_of(self, identity: Identity) -> Iterable[str]:
        return (ROOM,)

    def on_connect(self, auth: Any = None) -> None:
        super().on_connect(auth)
        with self._lock:
            starts, self._is_measuring = not self._is_measuring, True
        if starts:
            socketio.start_background_task(self._announce_metrics)

    def _announce_metrics(self) -> None:
        """Runs while an admin is connected to this process."""
        while True:
            now = utc_now()
            parts = {name: part.as_json() for name, part in health.readiness(now=now).parts.items()}
            announce(self.namespace, ROOM, "metrics", {"id": "metrics", "at": instant_text(now), "parts": parts})
            socketio.sleep(METRICS_EVERY_SECONDS)
            with self._lock:
                if not self._people:
                    self._is_measuring = False
                    return
