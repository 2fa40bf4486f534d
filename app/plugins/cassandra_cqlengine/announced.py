"""A row's write, stored together with the statements that announce it to the mirror.

Both go in one logged batch. Its log is kept by two other nodes, so for the ten to twenty seconds until the others
notice that a node has died, many such batches wait in vain. Then the announcement is stored first, as an intent, and
the write after it: two plain writes need only a quorum. A batch that comes through after all writes the same cells at
the same times.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from cassandra.query import BatchStatement, BatchType, BoundStatement

from app.plugins.cassandra_cqlengine.store import UNREACHABLE, store

log = structlog.get_logger(__name__)

BATCH_SECONDS = 1.0
REST_SECONDS = 10.0
_AT_ONCE = 64


@dataclass(frozen=True)
class AnnouncedWrite:
    """A write, the companions of its batch, and (bound when wanted) the intents that may precede it instead."""

    statement: BoundStatement
    companions: Sequence[BoundStatement]
    intents: Callable[[], Sequence[BoundStatement]]


def run_announced(writes: Sequence[AnnouncedWrite], concurrency: int = _AT_ONCE) -> None:
    """Every write is stored, and none without its announcement. Raises StoreUnavailable."""
    alone = [write for write in writes if not write.companions]
    left = [write for write in writes if write.companions]
    store().run_many([write.statement for write in alone], concurrency)
    if not _batch_log_rests():
        left = _not_batched(left, concurrency)
    store().run_many([intent for write in left for intent in write.intents()], concurrency)
    store().run_many([write.statement for write in left], concurrency)


def _not_batched(writes: Sequence[AnnouncedWrite], concurrency: int) -> list[AnnouncedWrite]:
    """Send each write's batch once; returns those without an answer in time."""
    session, seconds = store().session, min(BATCH_SECONDS, store().settings.cassandra_timeout_seconds)
    left: list[AnnouncedWrite] = []
    for first in range(0, len(writes), concurrency):
        window = writes[first : first + concurrency]
        sent = [(write, session.execute_async(_batch(write), timeout=seconds)) for write in window]
        for write, answer in sent:
            try:
                answer.result()
            except UNREACHABLE as fault:
                log.warning("batch_log_unanswered", reason=type(fault).__name__)
                store().batch_log_rests_until = time.monotonic() + REST_SECONDS
                left.append(write)
        if _batch_log_rests():
            return [*left, *writes[first + len(window) :]]
    return left


def _batch(write: AnnouncedWrite) -> BatchStatement:
    batch = BatchStatement(BatchType.LOGGED)
    for statement in (write.statement, *write.companions):
        batch.add(statement)
    batch.is_idempotent = True
    return batch


def _batch_log_rests() -> bool:
    return time.monotonic() < store().batch_log_rests_until
