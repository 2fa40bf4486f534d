"""CQL texts of a model's single-row reads and writes, built once and prepared by the store."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, TypeVar

Builder = TypeVar("Builder", bound=Callable[..., Any])


def remembered(build: Builder) -> Builder:
    """What is built for a model is built once a process."""
    return lru_cache(maxsize=4096)(build)  # type: ignore[return-value]


def table(model: Any) -> str:
    return f'"{model._raw_column_family_name()}"'


def _equals(names: Iterable[str]) -> str:
    return " AND ".join(f'"{name}" = ?' for name in names)


def _names(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


@remembered
def select_by_key(model: Any) -> str:
    """One row by its full key, with the write time that orders its versions."""
    return f"SELECT {selected(model)} FROM {table(model)} WHERE {_equals(model._primary_keys)}"


@remembered
def selected(model: Any, only: tuple[str, ...] = ()) -> str:
    """The columns of a read, or `only` these of them, and the row's write time."""
    columns = _names(only or model._columns)
    if not model._is_stamped():
        return columns
    return f'{columns}, writetime("updated_at") AS written_us'


@remembered
def insert(model: Any, *, if_absent: bool = False) -> str:
    marks = ", ".join("?" for _ in model._columns)
    ending = "IF NOT EXISTS" if if_absent else "USING TIMESTAMP ?"
    return f"INSERT INTO {table(model)} ({_names(model._columns)}) VALUES ({marks}) {ending}"


@remembered
def update(model: Any, changed: tuple[str, ...]) -> str:
    assigned = ", ".join(f'"{name}" = ?' for name in changed)
    return f"UPDATE {table(model)} USING TIMESTAMP ? SET {assigned} WHERE {_equals(model._primary_keys)}"


@remembered
def change_set(model: Any, column: str, sign: str) -> str:
    """Put elements into a set column (`+`) or take them out (`-`), and note when the row changed."""
    changed = f'"{column}" = "{column}" {sign} ?, "updated_at" = ?'
    return f"UPDATE {table(model)} USING TIMESTAMP ? SET {changed} WHERE {_equals(model._primary_keys)}"


@remembered
def update_if(model: Any, changed: tuple[str, ...], condition: str) -> str:
    assigned = ", ".join(f'"{name}" = ?' for name in changed)
    return f'UPDATE {table(model)} SET {assigned} WHERE {_equals(model._primary_keys)} IF "{condition}" = ?'


@remembered
def delete(model: Any) -> str:
    return f"DELETE FROM {table(model)} USING TIMESTAMP ? WHERE {_equals(model._primary_keys)}"


@remembered
def delete_if(model: Any, condition: str) -> str:
    return f'DELETE FROM {table(model)} WHERE {_equals(model._primary_keys)} IF "{condition}" = ?'
