"""Long streams in pieces."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of `size`, the last one shorter; read no further ahead than one list."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
