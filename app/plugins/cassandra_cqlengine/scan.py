"""Whole tables read side by side in token ranges, a page at a time, so that memory stays flat."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from app.plugins.cassandra_cqlengine import statements
from app.plugins.cassandra_cqlengine.model import Model
from app.plugins.cassandra_cqlengine.store import store

_FIRST_TOKEN = -(2**63)
_LAST_TOKEN = 2**63 - 1
PAGE_ROWS = 1000


def token_ranges(parts: int) -> list[tuple[int, int]]:
    """The Murmur3 ring cut into equal pieces, each (first, last], together the whole ring."""
    width = (_LAST_TOKEN - _FIRST_TOKEN) // parts
    edges = [_FIRST_TOKEN + part * width for part in range(parts)] + [_LAST_TOKEN]
    return list(pairwise(edges))


def rows(
    model: type[Model], token_range: tuple[int, int], only: tuple[str, ...] = (), *, page_rows: int = PAGE_ROWS
) -> Iterator[dict[str, Any]]:
    """The stored rows of one range as dicts of column → driver value, with `written_us` where rows are stamped.

    only: these columns instead of all. page_rows: how many are read and held at a time.
    """
    partition = ", ".join(f'"{name}"' for name in model._partition_keys)
    cql = (
        f"SELECT {statements.selected(model, only)} FROM {statements.table(model)} "
        f"WHERE token({partition}) > ? AND token({partition}) <= ?"
    )
    first, last = token_range
    if first == _FIRST_TOKEN:
        cql = cql.replace(") > ?", ") >= ?", 1)
    yield from store().execute(cql, [first, last], fetch_size=page_rows)


def every_row(model: type[Model], parts: int = 16) -> Iterator[dict[str, Any]]:
    """All rows of a table, range after range."""
    for token_range in token_ranges(parts):
        yield from rows(model, token_range)
