"""A product index of 200,000 rows is filled anew by `db.py --elastic` while writes go on, then verified.

python -m tests.faults.reindex_200000 [ROWS]   (settings from the environment; its tables are recreated!)

Prints documents/s against raw `_bulk` of the same documents from memory, and the peak memory of the process that fills.
"""

import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import click
from cassandra.concurrent import execute_concurrent_with_args

from app import commands
from app.env import Settings, load_settings
from app.models import Product
from app.plugins.cassandra_cqlengine import statements, store
from app.plugins.cassandra_cqlengine.scan import every_row
from app.plugins.cassandra_cqlengine_elastic import search
from app.plugins.cassandra_cqlengine_elastic.documents import document_of
from app.plugins.cassandra_cqlengine_elastic.rebuild import rebuild
from app.utils.ids import new_id
from benchmarks.contenders.fill import stored_values
from benchmarks.harness.sample import products
from benchmarks.raw.engines import bulk
from tests.faults.serving import db, made, verified

CHUNK, THREADS = 1000, 4


@dataclass
class Writers:
    """Threads that create, change and delete products until told to stop."""

    ids: list[str]
    count: int = 2
    done: dict[str, int] = field(default_factory=lambda: {"created": 0, "changed": 0, "deleted": 0})
    faults: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> "Writers":
        shares = [self.ids[number :: self.count] for number in range(self.count)]
        self._threads = [threading.Thread(target=self._write, args=(share, n)) for n, share in enumerate(shares)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self, ids: list[str], seed: int) -> None:
        chance, own = random.Random(seed), list(ids)
        sample = next(iter(products(1, 10_000_000 + seed)))
        try:
            while not self._stop.is_set():
                what = chance.choice(("created", "changed", "changed", "deleted"))
                if what == "created":
                    own.append(Product.create(**sample | {"id": new_id(), "slug": new_id().lower()}).id)
                else:
                    row = Product.find(own[chance.randrange(len(own))])
                    if row is None:
                        continue
                    if what == "changed":
                        row.update(brand=f"Brand {chance.randrange(1000)}", price_cents=chance.randrange(1, 100_000))
                    else:
                        row.delete()
                with self._lock:
                    self.done[what] += 1
        except Exception as fault:  # noqa: BLE001 - a thread reports here or nowhere
            self.faults.append(repr(fault))


def fill(rows: int) -> None:
    """So many products are in Cassandra, and not in the index."""
    insert = store().prepare(statements.insert(Product))
    values = stored_values(rows, 0)
    while chunk := list(islice(values, 2_000)):
        execute_concurrent_with_args(store().session, insert, chunk, concurrency=96, raise_on_first_error=True)


def documents() -> list[dict[str, Any]]:
    """All of them as the index is to hold them, in memory."""
    return [dict(document_of(Product, row).source or {}) for row in every_row(Product)]


def raw_seconds(held: list[dict[str, Any]]) -> float:
    """What `_bulk` of these documents into an index of the same shape takes."""
    client, name = search().client.options(request_timeout=60), search().alias("product") + "-raw"
    client.indices.delete(index=name, ignore_unavailable=True)
    body = search().index_body("product")
    body["settings"]["index"]["refresh_interval"] = "-1"
    client.indices.create(index=name, settings=body["settings"], mappings=body["mappings"])
    begun = time.perf_counter()
    bulk(client, name, held, CHUNK, THREADS)
    client.indices.refresh(index=name)
    seconds = time.perf_counter() - begun
    client.indices.delete(index=name)
    return seconds


def rebuild_here() -> None:
    """One rebuild in this process; prints rows, seconds, and peak memory before and after in MiB."""
    commands.connect(load_settings())
    Product.find("nobody")
    before, begun = _peak_mib(), time.perf_counter()
    count = rebuild(Product)
    click.echo(f"{count} {time.perf_counter() - begun} {before} {_peak_mib()}")


def rebuilt_elsewhere(settings: Settings) -> tuple[int, float, float, float]:
    """The same in a process of its own."""
    from tests.faults.dying_process import environment

    command = [sys.executable, "-m", "tests.faults.reindex_200000", "--rebuild"]
    ended = subprocess.run(command, env=environment(settings), capture_output=True, text=True, check=True)
    count, seconds, before, after = ended.stdout.split()[-4:]
    return int(count), float(seconds), float(before), float(after)


def _peak_mib() -> float:
    """This program's own peak; `getrusage` would count the parent's memory at the fork as well."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def main(rows: int) -> None:
    settings = made(load_settings())
    commands.connect(settings)
    begun = time.perf_counter()
    fill(rows)
    click.echo(f"{rows} rows written in {time.perf_counter() - begun:.0f} s")
    first = rebuilt_elsewhere(settings)
    held = documents()
    raw = raw_seconds(held)
    second = rebuilt_elsewhere(settings)
    raw_again = raw_seconds(held)
    for name, (count, seconds, before, after) in (("rebuild", first), ("rebuild again", second)):
        click.echo(f"{name}: {count / seconds:.0f} documents/s; peak memory {before:.0f} -> {after:.0f} MiB")
    click.echo(f"raw _bulk: {len(held) / raw:.0f} and {len(held) / raw_again:.0f} documents/s")
    ratios = (first[0] / first[1] * raw / len(held), second[0] / second[1] * raw_again / len(held))
    click.echo(f"ratio {ratios[0]:.2f} and {ratios[1]:.2f}")
    ids = [document["id"] for document in held]
    del held
    with Writers(ids) as writers:
        begun = time.perf_counter()
        ended = db(settings, "--elastic")
        seconds = time.perf_counter() - begun
    click.echo(f"db.py --elastic under writes: {seconds:.0f} s, exit code {ended.returncode}; written {writers.done}")
    click.echo(ended.stdout + ended.stderr + "\n".join(writers.faults))
    click.echo(verified(settings))


if __name__ == "__main__":
    if sys.argv[1:] == ["--rebuild"]:
        rebuild_here()
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
