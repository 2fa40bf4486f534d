"""Fills an index again and again: `ours` from Cassandra by the product's rebuild, `raw` from documents in memory."""

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil

from app.elastic import INDEXES
from app.env import load_settings
from app.models import Product
from app.plugins import cassandra_cqlengine, cassandra_cqlengine_elastic
from app.plugins.cassandra_cqlengine_elastic import rebuild, search
from benchmarks.harness.contender import serve
from benchmarks.harness.measure import cpu_seconds
from benchmarks.raw.engines import bulk

_CHUNK, _THREADS = 1000, 4


class Memory:
    """Memory of this process and its children over time, read ten times a second."""

    def __init__(self) -> None:
        self.readings_mib: list[float] = []
        self.most_processes = 1
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._over.wait(0.1):
            family = [me, *me.children(recursive=True)]
            self.most_processes = max(self.most_processes, len(family))
            self.readings_mib.append(sum(_resident(process) for process in family) / 2**20)


def _resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0


def documents_in_memory(count: int) -> list[dict[str, Any]]:
    """The documents as the index holds them, read out of it page by page."""
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"size": 5_000, "sort": [{"id": "asc"}], "track_total_hits": False}
    while len(found) < count:
        hits = search().client.search(index=search().alias("product"), **query)["hits"]["hits"]
        if not hits:
            raise SystemExit(f"The index holds {len(found)} documents of {count}.")
        found += (hit["_source"] for hit in hits)
        query["search_after"] = hits[-1]["sort"]
    return found


def raw_rebuild(count: int) -> Callable[[], int]:
    documents = documents_in_memory(count)
    client, name = search().client.options(request_timeout=60), search().alias("product") + "-raw"

    def work() -> int:
        client.indices.delete(index=name, ignore_unavailable=True)
        body = search().index_body("product")
        body["settings"]["index"]["refresh_interval"] = "-1"
        client.indices.create(index=name, settings=body["settings"], mappings=body["mappings"])
        bulk(client, name, documents, _CHUNK, _THREADS)
        client.indices.refresh(index=name)
        return len(documents)

    return work


def main(side: str, count: int) -> None:
    settings = load_settings()
    cassandra_cqlengine.configure(settings)
    cassandra_cqlengine_elastic.configure(settings, INDEXES)
    work = (lambda: rebuild.rebuild(Product)) if side == "ours" else raw_rebuild(count)

    def turn(_: dict[str, Any]) -> dict[str, Any]:
        me = [psutil.Process().pid]
        cpu, started = cpu_seconds(me), time.perf_counter()
        with Memory() as memory:
            done = work()
        readings = memory.readings_mib or [0.0]
        return {
            "count": done,
            "seconds": time.perf_counter() - started,
            "cpu_seconds": cpu_seconds(me) - cpu,
            "quarter_mib": round(readings[len(readings) // 4], 1),
            "peak_mib": round(max(readings), 1),
            "processes": memory.most_processes,
        }

    serve(turn)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
