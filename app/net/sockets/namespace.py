"""What every namespace shares: login at connect, refusals as `error` events, no silent unknown event."""

import threading
from collections.abc import Callable, Collection, Iterable
from typing import Any, ClassVar, NoReturn

import structlog
from flask import request
from flask_socketio import ConnectionRefusedError, Namespace, join_room
from pydantic import ValidationError

from app.net.errors import domain_error_object, error_object
from app.net.middlewares.access import identify_socket
from app.net.parsing import field_faults
from app.plugins.metrics import SOCKETS
from app.services import accounts as account_service
from app.services.accounts import Identity, Unauthenticated
from app.utils.clock import utc_now
from app.utils.errors import DomainError
from app.utils.security_log import note

log = structlog.get_logger(__name__)


class SignedInNamespace(Namespace):
    """A namespace only people who are logged in can connect to.

    `events`: the names a client may send; each has an `on_<name>(payload)` whose answer acknowledges it.
    """

    events: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, namespace: str) -> None:
        super().__init__(namespace)
        self._people: dict[str, Identity] = {}
        self._lock = threading.Lock()
        self.on_arrival: Callable[[], None] = lambda: None

    # what a namespace says for itself

    def ensure_welcome(self, identity: Identity) -> None:
        """Raises DomainError when this person may not connect here."""

    def rooms_of(self, identity: Identity) -> Iterable[str]:
        """The rooms a person is in from the start."""
        return ()

    # connection

    def on_connect(self, auth: Any = None) -> None:
        try:
            identity = identify_socket(auth) or _refuse_visitor()
            self.ensure_welcome(identity)
        except DomainError as refusal:
            note("socket.refused", namespace=self.namespace, code=refusal.code)
            raise ConnectionRefusedError(refusal.code, domain_error_object(refusal)) from None
        with self._lock:
            self._people[self._sid] = identity
        SOCKETS.labels(self.namespace).inc()
        self.on_arrival()
        for room in self.rooms_of(identity):
            join_room(room)

    def on_disconnect(self, reason: Any = None) -> None:
        with self._lock:
            known = self._people.pop(self._sid, None)
        if known is not None:
            SOCKETS.labels(self.namespace).dec()

    @property
    def person(self) -> Identity:
        """Who sent the event being answered. Raises Unauthenticated (401)."""
        identity = self._people.get(self._sid)
        if identity is None:
            raise Unauthenticated("Please log in first.")
        return identity

    @property
    def is_empty(self) -> bool:
        return not self._people

    @property
    def _sid(self) -> str:
        return request.sid  # type: ignore[attr-defined]

    # events

    def trigger_event(self, event: str, *args: Any) -> Any:
        if event in ("connect", "disconnect"):
            return super().trigger_event(event, *args)
        if event not in self.events:
            self._refuse(args[0], error_object("unknown_event", details={"event": str(event)[:64]}, status=400))
            return None
        try:
            return super().trigger_event(event, *args)
        except DomainError as refusal:
            self._refuse(args[0], domain_error_object(refusal))
        except ValidationError as fault:
            self._refuse(args[0], error_object("invalid", fields=field_faults(fault)))
        except TypeError as fault:
            log.info("socket event refused", event_name=event, reason=str(fault))
            self._refuse(args[0], error_object("bad_request", status=400))
        return None

    def _refuse(self, sid: str, error: dict[str, Any]) -> None:
        self.emit("error", error, room=sid)

    # sessions that end while the socket is open

    def fresh_person(self) -> Identity:
        """Who sent the event, with the rights of this moment. Raises SessionEnded (401), UserInactive (403)."""
        return account_service.look_again(self.person, now=utc_now())

    def drop_ended_sessions(self, of: Collection[str] | None = None) -> int:
        """Disconnect people whose login has ended meanwhile, or who may not be here any more.

        of: the users to look at, and those in whose name staff of them act; None: everybody.
        Returns how many sockets were closed.
        """
        with self._lock:
            people = dict(self._people)
        now = utc_now()
        dropped = 0
        for sid, identity in people.items():
            if of is not None and identity.id not in of and identity.acting_by not in of:
                continue
            try:
                self.ensure_welcome(account_service.look_again(identity, now=now))
            except DomainError as refusal:
                if refusal.status >= 500:
                    raise
                self.socketio.server.disconnect(sid, namespace=self.namespace)
                dropped += 1
        return dropped


def _refuse_visitor() -> NoReturn:
    raise Unauthenticated("Please log in first.")
