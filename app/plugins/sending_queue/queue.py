"""One queue: put in, claimed by one sender at a time, tried again with growing pauses, dropped when it is too late."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, Protocol
from zlib import crc32

import structlog

from app.plugins.cassandra_cqlengine import ConditionalModel, Model, store
from app.plugins.sending_queue.sealing import open_text, seal_text
from app.plugins.vault import SealBroken
from app.utils.errors import ConcurrentChange

log = structlog.get_logger(__name__)

SHARDS = 4
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400))
TRIES = 20
BATCH = 200
_ERROR_LENGTH = 500


@dataclass(frozen=True)
class Drained:
    """What one pass did: messages taken by the server, and tries that failed."""

    done: int = 0
    failed: int = 0


class Sender(Protocol):
    """What brings one message to its recipient, and knows what its own faults mean.

    claim_seconds: longer than one try can take. faults: what `send` raises when the message was not taken.
    """

    claim_seconds: float

    @property
    def faults(self) -> tuple[type[Exception], ...]: ...

    def describe(self, waiting: Any) -> Mapping[str, Any]:
        """The channel's own columns of a new delivery row."""

    def send(self, waiting: Any, delivery: Any) -> Mapping[str, Any]:
        """The message, opened, was taken; columns to note on its delivery. Raises one of `faults`."""

    def is_final(self, fault: Exception) -> bool:
        """Whether trying this message again is of no use."""

    def is_away(self, fault: Exception) -> bool:
        """Whether nobody answered at all, so that the next message would fare no better."""


@dataclass(frozen=True)
class SendingQueue:
    """Messages of one channel.

    waiting: a table keyed by (shard, message key) with `due_at` and `expires_at`. deliveries: a table keyed by the
    message key with `state` (sending until `due_at` by one sender, waiting for a new try at `due_at`, sent, refused
    for good), `attempts`, `due_at`, `sent_at` and `last_error`. sealed: the columns of `waiting` that lie sealed.
    """

    channel: str
    waiting: type[Model]
    deliveries: type[ConditionalModel]
    sealed: tuple[str, ...] = ()

    def put(self, key: str, *, now: datetime, expires_at: datetime | None = None, **values: Any) -> None:
        """A message waits to be sent; one `key` is one message for as long as delivery rows are kept.

        expires_at: when it is of no use any more; it is not sent then, and its text goes. A message that has expired
        when it is put costs the same work as any other and is never sent. values: the channel's own columns, in clear.
        """
        values |= {name: seal_text(self.channel, values[name]) for name in self.sealed}
        shard = crc32(key.encode()) % SHARDS
        names = dict(zip(self.waiting._primary_keys, (shard, key), strict=True))
        self.waiting.create(**names, **values, queued_at=now, due_at=now, expires_at=expires_at)

    def drain(self, sender: Sender, now: datetime) -> Drained:
        """Try waiting messages that are due, BATCH at most; stops early when nobody answers at all.

        Messages that another sender has claimed do not count, or those of one that died would hold up all others.
        """
        done = failed = 0
        for key in self._due(now):
            if done + failed >= BATCH:
                break
            waiting = self.waiting.find(*key)
            delivery = self._take(waiting, sender, now) if waiting is not None else None
            if delivery is None:
                continue
            fault, noted = self._try(sender, waiting, delivery)
            try:
                self._note(waiting, delivery, fault if fault is not None else noted, sender, now=now)
            except ConcurrentChange:
                log.warning("message took longer than its claim", channel=self.channel, message_key=key[-1])
            done, failed = done + (fault is None), failed + (fault is not None)
            if fault is not None and sender.is_away(fault):
                break
        return Drained(done, failed)

    def opened(self, waiting: Any) -> Any:
        """The columns of a waiting message with its words in clear; the row stays as it is. Raises SealBroken."""
        columns = dict(waiting)
        return SimpleNamespace(**columns | {name: open_text(self.channel, columns[name]) for name in self.sealed})

    def _due(self, now: datetime) -> Iterator[tuple[int, str]]:
        """The key of each waiting message whose time has come; bodies are not read."""
        shard_name, key_name = self.waiting._primary_keys
        table = self.waiting._raw_column_family_name()
        instant = self.waiting._columns["due_at"]
        for shard in range(SHARDS):
            rows = store().execute(
                f"SELECT {key_name}, due_at FROM {table} WHERE {shard_name} = ?", [shard], fetch_size=1000
            )
            for row in rows:
                if row["due_at"] is None or instant.to_python(row["due_at"]) <= now:
                    yield shard, row[key_name]

    def _take(self, waiting: Any, sender: Sender, now: datetime) -> Any:
        """Make this message ours for one try; None when it is not due, another's, too late or finished."""
        is_trace = waiting.recipient is None  # a late update of a message that was sent and removed
        if is_trace or (waiting.expires_at is not None and waiting.expires_at <= now):
            waiting.delete()
            return None
        until = now + timedelta(seconds=sender.claim_seconds)
        (key_name,) = self.deliveries._primary_keys
        delivery, created = self.deliveries.create_if_absent(
            **{key_name: waiting.key[-1]}, state="sending", due_at=until, **sender.describe(waiting)
        )
        taken: Any = delivery
        if created:
            return taken
        if taken.state in ("sent", "refused"):
            waiting.delete()
            return None
        if taken.due_at > now:
            return None
        try:
            return taken.update_if_unchanged(state="sending", due_at=until, attempts=taken.attempts + 1)
        except ConcurrentChange:
            return None

    def _try(self, sender: Sender, waiting: Any, delivery: Any) -> tuple[Exception | None, Mapping[str, Any]]:
        """What went wrong, or what to note. What cannot be opened is tried again: another process may know a newer key
        than this one, whose time comes when it is started anew."""
        faults: tuple[type[Exception], ...] = (SealBroken, *sender.faults)
        try:
            return None, sender.send(self.opened(waiting), delivery)
        except faults as fault:
            return fault, {}

    def _note(
        self, waiting: Any, delivery: Any, outcome: Exception | Mapping[str, Any], sender: Sender, *, now: datetime
    ) -> None:
        """Write down how the try ended. Texts of faults may name the recipient, so the log has only their kind."""
        if not isinstance(outcome, Exception):
            delivery.update_if_unchanged(state="sent", sent_at=now, last_error=None, **outcome)
            waiting.delete()
            return
        reason = f"{type(outcome).__name__}: {outcome}"[:_ERROR_LENGTH]
        about = log.bind(
            channel=self.channel,
            message_key=waiting.key[-1],
            attempts=delivery.attempts,
            fault=type(outcome).__name__,
        )
        if sender.is_final(outcome) or delivery.attempts >= TRIES:
            delivery.update_if_unchanged(state="refused", last_error=reason)
            waiting.delete()
            about.error("message given up")
            return
        due_at = now + PAUSES[min(delivery.attempts, len(PAUSES)) - 1]
        delivery.update_if_unchanged(state="waiting", due_at=due_at, last_error=reason)
        waiting.update(due_at=due_at)
        about.warning("message not sent")
