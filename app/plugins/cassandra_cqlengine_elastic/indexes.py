"""Making indexes and turning aliases."""

import time
from collections.abc import Callable
from typing import Any

from app.plugins.cassandra_cqlengine_elastic import targets
from app.plugins.cassandra_cqlengine_elastic.search import LIVE_ALIAS_FILTER, search

_CHANGE_TIMEOUT_SECONDS = 60.0


def create_index(table: str) -> str:
    """A new, empty physical index of a table; its name."""
    where = search()
    name = f"{where.alias(table)}-v{time.time_ns() // 1_000_000}"
    body = where.index_body(table)
    _change(lambda client: client.indices.create(index=name, settings=body["settings"], mappings=body["mappings"]))
    return name


def current_index(table: str) -> str | None:
    """The physical index that readers see, or None."""
    where = search()
    if not where.call_exists(where.alias(table)):
        return None
    return next(iter(where.call(lambda client: client.indices.get_alias(name=where.alias(table)))))


def turn_alias(table: str, index: str) -> None:
    """Let readers and writers see this index from now on, in one step, and remove the one before."""
    where, before = search(), current_index(table)
    alias = where.alias(table)
    actions: list[dict] = [{"add": {"index": index, "alias": alias, "filter": LIVE_ALIAS_FILTER}}]
    if before is not None:
        actions.append({"remove_index": {"index": before}})
    _change(lambda client: client.indices.update_aliases(actions=actions))


def ensure_indexes() -> list[str]:
    """Create the index and alias of every mirrored table that has none; the tables that had none."""
    made = []
    for table in search().definitions:
        if current_index(table) is None:
            turn_alias(table, create_index(table))
            made.append(table)
    return made


def add_missing_columns() -> None:
    """Widen the mappings to what app/elastic.py defines; columns are never removed or retyped here."""
    where = search()
    for table in where.definitions:
        properties = where.index_body(table)["mappings"]["properties"]
        alias = where.alias(table)
        _change(lambda client, a=alias, p=properties: client.indices.put_mapping(index=a, properties=p))


def delete_indexes() -> None:
    """Remove the indexes of every mirrored table."""
    for index in _physical():
        _change(lambda client, name=index: client.indices.delete(index=name, ignore_unavailable=True))


def delete_orphans() -> list[str]:
    """Remove indexes that an interrupted rebuild left behind; their names."""
    used = set(targets.rebuilding().values())
    used |= {name for table in search().definitions if (name := current_index(table))}
    orphans = [index for index in _physical() if index not in used]
    for index in orphans:
        _change(lambda client, name=index: client.indices.delete(index=name, ignore_unavailable=True))
    return orphans


def refresh() -> None:
    """Let every search see what has been indexed so far."""
    where = search()
    aliases = [where.alias(table) for table in where.definitions]
    where.call(lambda client: client.indices.refresh(index=",".join(aliases)))


def _change(request: Callable[..., Any]) -> None:
    """Change indexes as a whole, which a busy machine takes far longer for than for a question."""
    search().call(lambda client: request(client.options(request_timeout=_CHANGE_TIMEOUT_SECONDS)))


def _physical() -> list[str]:
    """The physical indexes of the defined tables; another product's with a longer prefix are not touched."""
    where = search()
    patterns = ",".join(where.physical_pattern(table) for table in where.definitions)
    return sorted(where.call(lambda client: client.indices.get(index=patterns, expand_wildcards="all")))
