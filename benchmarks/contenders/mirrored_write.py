"""Writes products one after the other: `ours` through the model, `raw` and `raw_outbox` by hand."""

import itertools
import sys
import time
from collections.abc import Callable
from typing import Any

from app.elastic import INDEXES
from app.env import load_settings
from app.models import Product
from app.plugins import cassandra_cqlengine, cassandra_cqlengine_elastic
from app.plugins.cassandra_cqlengine_elastic import relay
from benchmarks.harness.contender import serve
from benchmarks.harness.sample import product
from benchmarks.raw.engines import RawOutboxWriter, RawWriter

_FIRST_NUMBER = {"ours": 20_000_000, "raw": 40_000_000, "raw_outbox": 60_000_000}


def raw_writer(side: str) -> Callable[[dict[str, Any]], None]:
    """Writes one row and its document by hand; the document is what ours sends, made of the same columns."""
    store, search = cassandra_cqlengine.store(), cassandra_cqlengine_elastic.search()
    kind = RawOutboxWriter if side == "raw_outbox" else RawWriter
    writer = kind(store.session, search.client, search.alias("product"), list(product(0)))
    listed = [name for name in product(0) if name in INDEXES["product"]]

    def write(row: dict[str, Any]) -> None:
        document = {name: row[name] for name in listed}
        for name in ("published_at", "created_at", "updated_at"):
            document[name] = row[name].isoformat().replace("+00:00", "Z")
        writer.write(row, document)

    return write


def main(side: str) -> None:
    settings = load_settings()
    cassandra_cqlengine.configure(settings)
    cassandra_cqlengine_elastic.configure(settings, INDEXES)
    write = (lambda row: Product.create(**row)) if side == "ours" else raw_writer(side)
    offset = int(time.time()) % 1_000_000 * 20
    numbers = itertools.count(_FIRST_NUMBER[side] + offset)

    def turn(request: dict[str, Any]) -> dict[str, Any]:
        if "drain" in request:
            rows: list[dict[str, Any]] = []
        else:
            rows = [product(next(numbers)) for _ in range(request["count"])]
        cpu, started = time.process_time(), time.perf_counter()
        for row in rows:
            write(row)
        done = len(rows) if rows else relay.drain().done
        return {
            "count": done,
            "seconds": time.perf_counter() - started,
            "cpu_seconds": time.process_time() - cpu,
        }

    serve(turn)


if __name__ == "__main__":
    main(sys.argv[1])
