"""Conditional changes that start from a row already at hand."""

from collections.abc import Callable
from typing import Any, TypeVar

from app.plugins.cassandra_cqlengine import ConditionalModel
from app.utils.errors import ConcurrentChange, DomainError

Row = TypeVar("Row", bound=ConditionalModel)


def change_seen(row: Row, decide: Callable[[Row], dict[str, Any] | None]) -> Row:
    """Like `ConditionalModel.change`, but the first decision is made on the row at hand, which saves a serial read.

    A decision to change is safe on an old row too, because the write is conditional on it; a decision to leave or to
    refuse is not, so those are made again on a fresh row. Raises what `change` raises.
    """
    try:
        changes = decide(row)
    except DomainError:
        changes = None
    if changes is not None:
        try:
            return row.update_if_unchanged(**changes)
        except ConcurrentChange:
            pass
    return type(row).change(row.key, decide)
