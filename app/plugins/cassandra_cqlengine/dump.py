"""All rows as JSON lines, and back."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from cassandra.cqlengine.columns import Column
from cassandra.query import UNSET_VALUE
from cassandra.util import Date

from app.plugins.cassandra_cqlengine import columns, statements
from app.plugins.cassandra_cqlengine.announced import run_announced
from app.plugins.cassandra_cqlengine.model import Model
from app.plugins.cassandra_cqlengine.scan import every_row
from app.plugins.cassandra_cqlengine.store import store
from app.utils.batches import batched
from app.utils.clock import at_milliseconds

Progress = Callable[[int], None]

BATCH = 500
RESTORE = "restore"


class DumpUnreadable(Exception):
    """A line is not what a dump of these models holds; the message names its number."""


def dump(models: Iterable[type[Model]], file: Path, progress: Progress = lambda _: None) -> int:
    """Write every row of these models to a file, `{"model", "id", "fields"}` a line; the number of rows.

    The order is stable: models by name, rows by the token of their partition and then by their clustering key, as
    Cassandra keeps them. The file is for its owner's eyes only and appears whole or not at all.
    """
    count, part = 0, file.with_name(file.name + ".part")
    part.touch(mode=0o600)
    with part.open("w", encoding="utf-8") as out:
        for model in sorted(models, key=lambda m: m.__name__):
            for row in every_row(model):
                out.write(_line(model, row) + "\n")
                count += 1
                progress(1)
    part.replace(file)
    return count


def restore(models: Iterable[type[Model]], file: Path, progress: Progress = lambda _: None) -> int:
    """Write the rows of a dump as they were, instants and tokens included; a row that stands is overwritten.

    Mirrored rows get their outbox entries in the same batch. Returns the number of rows. Raises DumpUnreadable
    (rows of earlier lines are then written, and restoring again is safe) and StoreUnavailable.
    """
    by_name = {model.__name__: model for model in models}
    count = 0
    with file.open(encoding="utf-8") as lines:
        for batch in batched(enumerate(lines, start=1), BATCH):
            rows = [_parsed(by_name, number, line) for number, line in batch]
            _write(rows)
            count += len(rows)
            progress(len(rows))
    return count


def _line(model: type[Model], row: Mapping[str, Any]) -> str:
    fields = {name: _plain(row[name]) for name in model._columns if row.get(name) is not None}
    key = [fields[name] for name in model._primary_keys]
    line = {"model": model.__name__, "id": key[0] if len(key) == 1 else key, "fields": fields}
    return json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _parsed(by_name: Mapping[str, type[Model]], number: int, line: str) -> Model:
    try:
        record = json.loads(line)
        model, fields = by_name[record["model"]], record["fields"]
        if unknown := set(fields) - set(model._columns):
            raise ValueError(f"no column {', '.join(sorted(unknown))}")
        values = {name: _value(model._columns[name], value) for name, value in fields.items()}
        return model._construct_instance(values)
    except (ValueError, KeyError, TypeError) as fault:
        raise DumpUnreadable(f"Line {number} of the dump cannot be read: {fault}") from fault


def _write(rows: Sequence[Model]) -> None:
    writes = []
    standing = _standing(rows)
    for row in rows:
        written_us = store().next_timestamp(standing.get((type(row), row.key), 0))
        empty = None if (type(row), row.key) in standing else UNSET_VALUE
        values = [
            empty if column._val_is_null(row._values[name].value) else column.to_database(row._values[name].value)
            for name, column in row._columns.items()
        ]
        write = store().bind(statements.insert(type(row)), [*values, written_us])
        writes.append(row._announced(write, RESTORE, written_us))
    run_announced(writes)


def _standing(rows: Sequence[Model]) -> dict[tuple[type[Model], tuple[Any, ...]], int]:
    """Write times of those rows that exist already."""
    found: dict[tuple[type[Model], tuple[Any, ...]], int] = {}
    for model in {type(row) for row in rows}:
        for row in model.find_many([row.key for row in rows if type(row) is model]):
            found[(model, row.key)] = row._written_us
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, datetime):
        return at_milliseconds(value).isoformat(timespec="milliseconds")
    if isinstance(value, (date, Date)):
        return str(value)
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {str(_plain(name)): _plain(item) for name, item in sorted(value.items())}
    return [_plain(item) for item in value]


def _value(column: Column, value: Any) -> Any:
    if isinstance(column, columns.DateTime):
        return datetime.fromisoformat(value)
    if isinstance(column, columns.Date):
        return date.fromisoformat(value)
    if isinstance(column, columns.Blob):
        return base64.b64decode(value)
    if isinstance(column, columns.Decimal):
        return Decimal(value)
    if isinstance(column, columns.Set):
        return {_value(column.value_col, item) for item in value}
    if isinstance(column, columns.List):
        return [_value(column.value_col, item) for item in value]
    if isinstance(column, columns.Map):
        return {_value(column.key_col, name): _value(column.value_col, item) for name, item in value.items()}
    return column.to_python(value)


def models_named(models: Iterable[type[Model]], only: Sequence[str], exclude: Sequence[str]) -> Iterator[type[Model]]:
    """Those of the models that `only` names (all when empty), without those of `exclude`. Raises ValueError."""
    known = {model.__name__: model for model in models}
    if unknown := sorted({*only, *exclude} - set(known)):
        raise ValueError(f"There is no model {', '.join(unknown)}; there are {', '.join(sorted(known))}.")
    yield from (model for name, model in known.items() if (not only or name in only) and name not in exclude)
