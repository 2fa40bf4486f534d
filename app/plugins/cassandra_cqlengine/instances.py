"""Model instances made of rows as they were read."""

import copy
from collections.abc import Callable
from typing import Any

from cassandra import util

from app.plugins.cassandra_cqlengine import columns, statements

_AS_READ = {
    "_ttl": None,
    "_timestamp": None,
    "_conditional": None,
    "_batch": None,
    "_connection": None,
    "_timeout": None,
    "_is_persisted": True,
}
_KEPT_AS_READ = (columns.Text, columns.Integer, columns.BigInt, columns.Boolean, columns.Double)


def instance_of(model: Any, values: dict[str, Any]) -> Any:
    """A row as read. Built without cqlengine's own constructor, which looks for defaults column by column."""
    instance = model.__new__(model)
    managers: dict[str, Any] = {}
    instance.__dict__.update(_AS_READ, _values=managers, _written_us=values.get("written_us") or 0)
    for name, column, manager_class, convert in _read_plan(model):
        value = values.get(name)
        if convert is not None:
            value = convert(_without_driver_types(value))
        manager = managers[name] = manager_class.__new__(manager_class)
        manager.__dict__ = {
            "instance": instance,
            "column": column,
            "value": value,
            "previous_value": value if convert is None else copied(value),
            "explicit": name in values,
        }
    return instance


def copied(value: Any) -> Any:
    """The value, apart from the original when it can be changed in place."""
    return copy.copy(value) if isinstance(value, (list, set, dict)) else value


@statements.remembered
def _read_plan(model: Any) -> list[tuple[str, Any, Any, Callable[[Any], Any] | None]]:
    """How each column is read: name, column, its value manager, and what turns the driver's value into ours."""
    return [
        (name, column, column.value_manager, None if type(column) in _KEPT_AS_READ else column.to_python)
        for name, column in model._columns.items()
    ]


def _without_driver_types(value: Any) -> Any:
    if isinstance(value, util.SortedSet):
        return set(value)
    if isinstance(value, util.OrderedMapSerializedKey):
        return dict(value)
    return value
