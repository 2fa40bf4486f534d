"""The job that empties the outbox: what a request could not index, or indexed unconfirmed, becomes certain here."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

import structlog
from cassandra.util import min_uuid_from_time

from app.plugins.cassandra_cqlengine_elastic import outbox, targets
from app.plugins.cassandra_cqlengine_elastic.delivery import deliver
from app.plugins.cassandra_cqlengine_elastic.outbox import Delivery
from app.plugins.cassandra_cqlengine_elastic.search import search
from app.utils.batches import batched

log = structlog.get_logger(__name__)

BATCH = 500
WHOLE_PASS_EVERY_SECONDS = 300.0
LOOK_BACK_SECONDS = 900.0


@dataclass(frozen=True)
class Drained:
    """What one pass did: entries confirmed and removed, kept for later, and not deliverable."""

    done: int = 0
    kept: int = 0
    failed: int = 0

    def __add__(self, other: "Drained") -> "Drained":
        return Drained(self.done + other.done, self.kept + other.kept, self.failed + other.failed)


@dataclass
class _Memory:
    """What this process need not look at again: early parts of the queue, and intents delivered once."""

    whole_pass_at: float = 0.0
    delivered_intents: set[UUID] = field(default_factory=set)


_memory = _Memory()


def forget() -> None:
    """Look at everything again in the next pass."""
    global _memory
    _memory = _Memory()


def drain(*, whole: bool = False) -> Drained:
    """Deliver what waits in the outbox and remove what is confirmed.

    Most passes look at the last minutes only, which spares reading old tombstones; every few minutes (or with
    `whole`) the queue is read from its beginning, so an entry of a host with a slow clock is found as well.
    Raises SearchUnavailable and StoreUnavailable; nothing is lost then.
    """
    now = time.time()
    whole = whole or now - _memory.whole_pass_at > WHOLE_PASS_EVERY_SECONDS
    since = None if whole else min_uuid_from_time(now - LOOK_BACK_SECONDS)
    total = Drained()
    for shard in range(outbox.SHARDS):
        for deliveries in batched(outbox.waiting(shard, since), BATCH):
            total += _drain_batch(deliveries, now)
    if whole:
        _memory.whole_pass_at = now
    return total


def _drain_batch(deliveries: Sequence[Delivery], now: float) -> Drained:
    where = targets.current()
    known = [delivery for delivery in deliveries if delivery.table in where]
    settled_before = now - search().settings.mirror_intent_settle_seconds
    young = {d for d in known if d.is_intent and d.recorded_at > settled_before}
    fresh = {d for d in young if d.entry_id not in _memory.delivered_intents}
    ripe = [d for d in known if d not in young]
    serial = [d for d in ripe if d.is_intent]
    confirmed = deliver([d for d in ripe if not d.is_intent], where) | deliver(serial, where, serial=True)
    _memory.delivered_intents |= {d.entry_id for d in deliver(fresh, where)}
    if targets.current() == where:
        outbox.remove(list(confirmed))
        _memory.delivered_intents -= {d.entry_id for d in confirmed}
    failed = len(ripe) - len(confirmed) + len(deliveries) - len(known)
    if failed:
        log.error("mirror_entries_stuck", count=failed)
    return Drained(len(confirmed), len(young), failed)


@dataclass(frozen=True)
class Lag:
    """How far the mirror is behind: waiting entries (counted up to a limit) and the age of the oldest in seconds."""

    waiting: int
    oldest_seconds: float


def lag(limit: int = 10_000) -> Lag:
    """The outbox as it stands now; intents that only wait to be settled are left out."""
    now, oldest, count = time.time(), 0.0, 0
    settle = search().settings.mirror_intent_settle_seconds
    for shard in range(outbox.SHARDS):
        for delivery in islice(outbox.waiting(shard), limit // outbox.SHARDS):
            age = now - delivery.recorded_at
            if not delivery.is_intent or age > settle:
                count += 1
                oldest = max(oldest, age)
    return Lag(count, round(oldest, 3))
