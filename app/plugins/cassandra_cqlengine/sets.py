"""Sets that several writers change at once: an element goes in or out by itself, and no writer sees the whole set."""

from typing import Any, TypeVar

from app.plugins.cassandra_cqlengine import statements
from app.plugins.cassandra_cqlengine.model import Model
from app.plugins.cassandra_cqlengine.store import store
from app.utils.clock import utc_now

Row = TypeVar("Row", bound=Model)


def put_into(row: Row, column: str, element: Any, *, refresh: bool = False) -> Row:
    """The element is in this set column of a fetched row, whatever others put in or take out meanwhile."""
    return _change(row, column, "+", element, refresh=refresh)


def take_out_of(row: Row, column: str, element: Any, *, refresh: bool = False) -> Row:
    """The element is not in this set column of a fetched row any more; the others stay."""
    return _change(row, column, "-", element, refresh=refresh)


def _change(row: Row, column: str, sign: str, element: Any, *, refresh: bool) -> Row:
    row._ensure_plain()
    row.before_update()
    elements = set(getattr(row, column) or ())
    setattr(row, column, elements | {element} if sign == "+" else elements - {element})
    row.updated_at = utc_now()
    row.validate()
    written_us = store().next_timestamp(row._written_us)
    values = [
        written_us,
        row._columns[column].to_database({element}),
        row._columns["updated_at"].to_database(row.updated_at),
        *row._key_values(row.key),
    ]
    write = store().bind(statements.change_set(type(row), column, sign), values)
    row._send(write, "update", written_us)
    row._set_persisted()
    row._written("update", refresh=refresh)
    row.after_update()
    return row
