"""A cache that all processes share: `cache.get(name)`, `cache.set(name, value, timeout_minutes=None)`.

Kept in Cassandra, so it needs no further server, and a value set by one process is seen by the next read of any.
"""

import json
import math
from typing import Any

from flask import Flask

from app.plugins.cache.tables import CacheEntry
from app.plugins.cassandra_cqlengine import store

__all__ = ["Cache", "CacheEntry", "cache", "init_app"]

LONGEST_NAME = 512
LONGEST_VALUE_BYTES = 1024 * 1024
LONGEST_TIMEOUT_MINUTES = 20 * 365 * 24 * 60  # Cassandra's limit of a time to live

_READ = "SELECT value FROM cache_entry WHERE name = ?"
_WRITE = "INSERT INTO cache_entry (name, value) VALUES (?, ?) USING TTL ?"
_REMOVE = "DELETE FROM cache_entry WHERE name = ?"


class Cache:
    """Names and JSON values. Every method raises StoreUnavailable when Cassandra does not answer."""

    def get(self, name: str) -> Any:
        """The value as it was set (tuples come back as lists); None when there is none or it has expired."""
        row = store().execute(_READ, [name]).one()
        return json.loads(row["value"]) if row is not None and row["value"] is not None else None

    def set(self, name: str, value: Any, timeout_minutes: float | None = None) -> None:
        """Keep any JSON value under a name, for so many minutes (whole seconds, rounded up) or until deleted.

        Raises ValueError: no JSON value, a value of more than 1 MiB, a name too long, a time-out not above zero.
        """
        if not 1 <= len(name) <= LONGEST_NAME:
            raise ValueError(f"A cache name has 1 to {LONGEST_NAME} characters")
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        except TypeError as fault:
            raise ValueError(f"No JSON value: {fault}") from fault
        if len(text.encode()) > LONGEST_VALUE_BYTES:
            raise ValueError("A cached value has 1 MiB at most")
        store().execute(_WRITE, [name, text, _seconds(timeout_minutes)])

    def delete(self, name: str) -> None:
        """Forget the value, if there is one."""
        store().execute(_REMOVE, [name])


def _seconds(timeout_minutes: float | None) -> int:
    """A time to live for Cassandra, where 0 means none."""
    if timeout_minutes is None:
        return 0
    if not 0 < timeout_minutes <= LONGEST_TIMEOUT_MINUTES:
        raise ValueError("timeout_minutes is above zero and below twenty years")
    return math.ceil(timeout_minutes * 60)


cache = Cache()


def init_app(app: Flask) -> None:
    """The cache uses the process's store; nothing is connected here."""
    app.extensions["cache"] = cache
