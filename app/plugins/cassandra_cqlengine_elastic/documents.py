"""What a row looks like in its index."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, unquote

from app.plugins.cassandra_cqlengine import Model, columns
from app.plugins.cassandra_cqlengine_elastic.search import search

Key = tuple[Any, ...]

_SENT_AS_THEY_ARE = frozenset(
    {columns.Text, columns.Ascii, columns.Integer, columns.BigInt, columns.Boolean, columns.Float, columns.Double}
)


@dataclass(frozen=True)
class Document:
    """One document as Cassandra holds its row now. source None: there is no row."""

    table: str
    key: Key
    source: Mapping[str, Any] | None
    version: int

    @property
    def id(self) -> str:
        return document_id(self.key)


def document_id(key: Key) -> str:
    """The row's key, joined in key order; unambiguous whatever the parts hold."""
    if len(key) == 1:
        return str(key[0])
    return ":".join(quote(str(part), safe="") for part in key)


def key_text(key: Key) -> str:
    """The key as the outbox keeps it."""
    return json.dumps([str(part) for part in key])


def key_of(model: type[Model], text: str) -> Key:
    return tuple(column.to_python(part) for column, part in zip(_key_columns(model), json.loads(text), strict=True))


def key_from_id(model: type[Model], id_text: str) -> Key:
    """The key that `document_id` joined."""
    columns = _key_columns(model)
    parts = [id_text] if len(columns) == 1 else [unquote(part) for part in id_text.split(":")]
    return tuple(column.to_python(part) for column, part in zip(columns, parts, strict=True))


def _key_columns(model: type[Model]) -> list[Any]:
    return list(model._primary_keys.values())


class DocumentMaker:
    """Makes documents of one model's rows: exactly the defined columns, empty ones left out."""

    def __init__(self, model: type[Model], defined: Iterable[str]) -> None:
        self._table = model._raw_column_family_name()
        self._key = tuple(model._primary_keys)
        names = tuple(defined)
        self._plain = tuple(name for name in names if type(model._columns[name]) in _SENT_AS_THEY_ARE)
        self._others = tuple(name for name in names if name not in self._plain)

    def __call__(self, row: Mapping[str, Any]) -> Document:
        source = {name: value for name in self._plain if (value := row[name]) is not None}
        for name in self._others:
            value = row[name]
            if value is not None:
                value = _json_value(value)
                if value or value not in ([], {}):
                    source[name] = value
        return Document(self._table, tuple([row[name] for name in self._key]), source, row["written_us"] or 0)


def document_maker(model: type[Model]) -> DocumentMaker:
    """What makes documents of this model's rows for the process's own search."""
    where = search()
    maker = where.makers.get(model)
    if maker is None:
        maker = where.makers[model] = DocumentMaker(model, where.definitions[model._raw_column_family_name()])
    return maker


def document_of(model: type[Model], row: Mapping[str, Any]) -> Document:
    """A stored row as a document."""
    return document_maker(model)(row)


def document_columns(model: type[Model]) -> tuple[str, ...]:
    """The columns that a row's document is made of: the key, and what is indexed."""
    indexed = search().definitions[model._raw_column_family_name()]
    return (*model._primary_keys, *(name for name in indexed if name not in model._primary_keys))


def document_of_instance(instance: Model) -> Document:
    """The same, of a row just written as a whole."""
    row = {name: manager.value for name, manager in instance._values.items()}
    return document_of(type(instance), row | {"written_us": instance._written_us})


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        naive = value if value.tzinfo is None else value.replace(tzinfo=None)
        return naive.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, (str, int, float)):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _json_value(item) for name, item in value.items()}
    if hasattr(value, "__iter__"):
        items = [_json_value(item) for item in value]
        return sorted(items) if not isinstance(value, (list, tuple)) else items
    return str(value)
