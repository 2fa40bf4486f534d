"""Cassandra as the one source of truth: models with hooks, conditional rows, ledgers."""

from typing import Any

from app.plugins.cassandra_cqlengine import columns, ledger
from app.plugins.cassandra_cqlengine.conditional import ConditionalModel
from app.plugins.cassandra_cqlengine.ledger import (
    BalanceTooLow,
    Entry,
    EntryMismatch,
    EntryRefused,
    LedgerModel,
    LedgerUnbalanced,
    Posting,
    Snapshot,
)
from app.plugins.cassandra_cqlengine.model import Model, find_each
from app.plugins.cassandra_cqlengine.queryset import BulkWriteRefused
from app.plugins.cassandra_cqlengine.sets import put_into, take_out_of
from app.plugins.cassandra_cqlengine.store import Store, configure, store

__all__ = [
    "BalanceTooLow",
    "BulkWriteRefused",
    "ConditionalModel",
    "Entry",
    "EntryMismatch",
    "EntryRefused",
    "LedgerModel",
    "LedgerUnbalanced",
    "Model",
    "Posting",
    "Snapshot",
    "Store",
    "columns",
    "configure",
    "find_each",
    "init_app",
    "ledger",
    "put_into",
    "store",
    "take_out_of",
]


def init_app(app: Any) -> None:
    """Make the application's settings those of the process's store; it connects at first use."""
    configure(app.config["SETTINGS"])
