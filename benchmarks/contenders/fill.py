"""Makes the tables and writes the sample catalog into Cassandra; `python -m benchmarks.contenders.fill COUNT`.

Only the rows: the search indexes are filled from them by the product's own rebuild.
"""

import sys
import time
from collections.abc import Iterator
from itertools import islice
from multiprocessing import get_context
from typing import Any

from cassandra.concurrent import execute_concurrent_with_args
from cassandra.query import UNSET_VALUE

from app import models
from app.env import load_settings
from app.models import Product
from app.plugins import cassandra_cqlengine
from app.plugins.cassandra_cqlengine import Model, statements, store
from benchmarks.harness.sample import products

_PROCESSES = 2
_AT_ONCE = 96
_CHUNK = 2_000


def tables() -> list[type[Model]]:
    """Every table of the product, and those its mirror keeps for itself."""
    from_models = [value for value in vars(models).values() if isinstance(value, type) and issubclass(value, Model)]
    return [model for model in from_models if not model.__abstract__]


def stored_values(count: int, first: int) -> Iterator[list[Any]]:
    """What the model's own insert statement binds, without building a model for each row."""
    columns = list(Product._columns.items())
    for row in products(count, first):
        values = [column.to_database(row[name]) if name in row else UNSET_VALUE for name, column in columns]
        yield [*values, int(time.time() * 1_000_000)]


def fill_part(count: int, first: int) -> None:
    """Write products `first` to `first + count`, many at a time."""
    cassandra_cqlengine.configure(load_settings())
    insert = store().prepare(statements.insert(Product))
    rows = stored_values(count, first)
    while chunk := list(islice(rows, _CHUNK)):
        execute_concurrent_with_args(store().session, insert, chunk, concurrency=_AT_ONCE, raise_on_first_error=True)
    store().close()


def main(count: int) -> None:
    share = -(-count // _PROCESSES)
    started = time.monotonic()
    context = get_context("spawn")
    parts = [
        context.Process(target=fill_part, args=(min(share, count - first), first)) for first in range(0, count, share)
    ]
    for part in parts:
        part.start()
    for part in parts:
        part.join()
    if any(part.exitcode for part in parts):
        raise SystemExit("A part of the sample catalog could not be written.")
    print(f"{count:,} rows in {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
