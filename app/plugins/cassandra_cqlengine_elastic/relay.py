"""The job that empties the outbox: what a request could not index, or indexed unconfirmed, becomes certain here."""

import time
from collections.abc import Iterator, Sequence
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
# an entry may be stored this much later than its own time says, by a slow write or a host whose clock is behind
OVERLAP_SECONDS = 10.0
MOST_REMEMBERED = 200_000
# Rows that a request writes several times are looked at once for all of its intents, in steps of the settling time.
FRESH_STEPS = 12
RIPE_STEPS = 6


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
    """What this process need not read again: early parts of the queue, what waits, intents delivered once."""

    whole_pass_at: float = 0.0
    read_until: float = 0.0
    waiting: dict[UUID, Delivery] = field(default_factory=dict)
    delivered_intents: set[UUID] = field(default_factory=set)


_memory = _Memory()


def forget() -> None:
    """Look at everything again in the next pass."""
    global _memory
    _memory = _Memory()


def drain(*, whole: bool = False) -> Drained:
    """Deliver what waits in the outbox and remove what is confirmed.

    Most passes read what is new only, which spares reading waiting intents and old tombstones again and again; every
    few minutes (or with `whole`) the queue is read from its beginning, so an entry that came very late is found as
    well. Raises SearchUnavailable and StoreUnavailable; nothing is lost then.
    """
    now = time.time()
    whole = whole or now - _memory.whole_pass_at > WHOLE_PASS_EVERY_SECONDS
    fresh_before = now if whole else _step_before(now, FRESH_STEPS)
    total = Drained()
    for deliveries in batched(_to_look_at(now, whole=whole), BATCH):
        total += _drain_batch(deliveries, fresh_before, _settled_before(now))
    _memory.read_until = now if len(_memory.waiting) < MOST_REMEMBERED else 0.0
    if whole:
        _memory.whole_pass_at = now
    return total


def _to_look_at(now: float, *, whole: bool) -> Iterator[Delivery]:
    """What waited after the last pass, and what has come since; with `whole` everything there is."""
    if whole:
        _memory.waiting, _memory.read_until = {}, 0.0
    remembered = dict(_memory.waiting)
    yield from remembered.values()
    since = max(_memory.read_until - OVERLAP_SECONDS, now - LOOK_BACK_SECONDS)
    for shard in range(outbox.SHARDS):
        for delivery in outbox.waiting(shard, None if whole else min_uuid_from_time(since)):
            if delivery.entry_id not in remembered:
                yield delivery


def _step_before(moment: float, steps: int) -> float:
    step = max(search().settings.mirror_intent_settle_seconds / steps, 0.001)
    return moment // step * step


def _settled_before(now: float) -> float:
    """Intents recorded before this moment have happened or never will."""
    return _step_before(now - search().settings.mirror_intent_settle_seconds, RIPE_STEPS)


def _drain_batch(deliveries: Sequence[Delivery], fresh_before: float, settled_before: float) -> Drained:
    where = targets.current()
    known = [delivery for delivery in deliveries if delivery.table in where]
    young = {d for d in known if d.is_intent and d.recorded_at > settled_before}
    fresh = {d for d in young if d.recorded_at < fresh_before and d.entry_id not in _memory.delivered_intents}
    ripe = [d for d in known if d not in young]
    serial = [d for d in ripe if d.is_intent]
    confirmed = deliver([d for d in ripe if not d.is_intent], where) | deliver(serial, where, serial=True)
    _memory.delivered_intents |= {d.entry_id for d in deliver(fresh, where)}
    done = confirmed if targets.current() == where else set()
    outbox.remove(list(done))
    _memory.delivered_intents -= {d.entry_id for d in done}
    for delivery in deliveries:
        if delivery in done:
            _memory.waiting.pop(delivery.entry_id, None)
        else:
            _memory.waiting[delivery.entry_id] = delivery
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
    settled_before = _settled_before(now)
    for shard in range(outbox.SHARDS):
        for delivery in islice(outbox.waiting(shard), limit // outbox.SHARDS):
            if not delivery.is_intent or delivery.recorded_at <= settled_before:
                count += 1
                oldest = max(oldest, now - delivery.recorded_at)
    return Lag(count, round(oldest, 3))
