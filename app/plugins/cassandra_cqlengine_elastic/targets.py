"""Which indexes a table is written to: the one its alias names and, during a rebuild, the one being filled.

The relay looks here before it delivers and again before it forgets an entry. So a change either reaches an index
that is being filled, or was in Cassandra before the filling began to read.
"""

from app.plugins.cassandra_cqlengine import Model, columns, store
from app.plugins.cassandra_cqlengine_elastic.search import search

_SCOPE = "mirror"
ANNOUNCED_FOR_SECONDS = 120


class MirrorRebuild(Model):
    """An index being filled. Read path: all of them. Expires by itself when its builder dies."""

    __table_name__ = "mirror_rebuild"

    scope = columns.Text(partition_key=True)
    table_name = columns.Text(primary_key=True)
    index_name = columns.Text()


def announce(table: str, index: str) -> None:
    """Have every change delivered to this index too, for the next two minutes."""
    store().execute(
        "INSERT INTO mirror_rebuild (scope, table_name, index_name) VALUES (?, ?, ?) USING TTL ?",
        [_SCOPE, table, index, ANNOUNCED_FOR_SECONDS],
    )


def withdraw(table: str) -> None:
    store().execute("DELETE FROM mirror_rebuild WHERE scope = ? AND table_name = ?", [_SCOPE, table])


def rebuilding() -> dict[str, str]:
    """Table → index being filled."""
    rows = store().execute("SELECT table_name, index_name FROM mirror_rebuild WHERE scope = ?", [_SCOPE])
    return {row["table_name"]: row["index_name"] for row in rows}


def current() -> dict[str, list[str]]:
    """The indexes of every mirrored table."""
    filling = rebuilding()
    return {
        table: [search().alias(table), *([filling[table]] if table in filling else [])]
        for table in search().definitions
    }
