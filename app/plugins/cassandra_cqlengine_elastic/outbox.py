"""The list of rows whose documents must still be brought up to date.

An outbox row is stored together with the write it announces. It names the row only: what the index shall hold is
read from the row when it is delivered. The table is a queue spread over a few partitions; its tombstones are dropped
after minutes, for a delivery that comes back to life only does harmless work again.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid1

from cassandra.query import BoundStatement
from cassandra.util import min_uuid_from_time, unix_time_from_uuid1

from app.plugins.cassandra_cqlengine import Model, columns, store
from app.plugins.cassandra_cqlengine_elastic.documents import Key, key_text

SHARDS = 16
INTENT = "intent"
DELETE = "delete"
RESTORE = "restore"
PAGE_ROWS = 500
_OLDEST = min_uuid_from_time(0)


class OutboxEntry(Model):
    """A row to look at again. Read path: one shard's entries, oldest first."""

    __table_name__ = "mirror_outbox"
    __options__ = {
        "gc_grace_seconds": 600,
        "compaction": {
            "class": "LeveledCompactionStrategy",
            "tombstone_threshold": "0.1",
            "tombstone_compaction_interval": "300",
            "unchecked_tombstone_compaction": "true",
        },
        "memtable_flush_period_in_ms": 300_000,
    }

    shard = columns.Integer(partition_key=True)
    entry_id = columns.TimeUUID(primary_key=True)
    table_name = columns.Text()
    row_key = columns.Text()
    operation = columns.Text()
    written_us = columns.BigInt()


@dataclass(frozen=True)
class Delivery:
    """One outbox entry as the relay sees it."""

    shard: int
    entry_id: UUID
    table: str
    row_key: str
    operation: str
    written_us: int

    @property
    def recorded_at(self) -> float:
        """When the entry was made, as a Unix time of its host's clock."""
        return unix_time_from_uuid1(self.entry_id)

    @property
    def is_intent(self) -> bool:
        """Recorded before its write, which may not have happened yet, or ever."""
        return self.operation == INTENT


def announcement(table: str, key: Key, operation: str, written_us: int) -> BoundStatement:
    """The statement that records a write of this row."""
    text = key_text(key)
    shard = zlib.crc32(f"{table}:{text}".encode()) % SHARDS
    return store().bind(
        "INSERT INTO mirror_outbox (shard, entry_id, table_name, row_key, operation, written_us) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [shard, uuid1(), table, text, operation, written_us],
    )


def waiting(shard: int, since: UUID | None = None) -> Iterator[Delivery]:
    """A shard's entries from the oldest on (or from `since` on), read page by page."""
    cql = (
        "SELECT shard, entry_id, table_name, row_key, operation, written_us FROM mirror_outbox "
        "WHERE shard = ? AND entry_id > ?"
    )
    for row in store().execute(cql, [shard, since or _OLDEST], fetch_size=PAGE_ROWS):
        yield Delivery(
            row["shard"],
            row["entry_id"],
            row["table_name"],
            row["row_key"],
            row["operation"],
            row["written_us"],
        )


def remove(deliveries: Sequence[Delivery]) -> None:
    """Forget entries whose documents were confirmed."""
    cql = "DELETE FROM mirror_outbox WHERE shard = ? AND entry_id = ?"
    store().run_many([store().bind(cql, [delivery.shard, delivery.entry_id]) for delivery in deliveries])
