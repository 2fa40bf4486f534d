"""Filling an index anew from Cassandra while writes go on.

The new index is announced first, so the relay delivers every change to it as well; then all rows are read by token
ranges side by side and indexed in bulk at their own versions, the outbox is drained, and readers are turned to the
new index in one step. An interrupted rebuild leaves an index nobody reads; the next one removes it.
"""

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import orjson

from app.plugins.cassandra_cqlengine import Model
from app.plugins.cassandra_cqlengine.scan import rows, token_ranges
from app.plugins.cassandra_cqlengine_elastic import indexes, relay, targets
from app.plugins.cassandra_cqlengine_elastic.delivery import bulk_lines
from app.plugins.cassandra_cqlengine_elastic.documents import document_columns, document_maker
from app.plugins.cassandra_cqlengine_elastic.search import BUSY_STATUSES, REFRESH_INTERVAL, SETTLED_STATUSES, search
from app.utils.errors import SearchUnavailable

Progress = Callable[[int], None]

RANGES = 32
READERS = min(8, os.cpu_count() or 1) + 1
BULK_DOCUMENTS = 2500
_BULK_TIMEOUT_SECONDS = 60
_PAUSES_SECONDS = (1, 2, 4, 8, 16, 32)


class RebuildFailed(Exception):
    """Elasticsearch refused documents, or changes could not be brought into the new index; readers see the old one."""


def rebuild(model: type[Model], progress: Progress = lambda _: None) -> int:
    """Fill a fresh index with all rows of a model and turn readers to it; the number of rows read.

    progress: called with the number of rows indexed since its last call, from several threads.
    Raises RebuildFailed, SearchUnavailable and StoreUnavailable; readers then still see the index before.
    """
    table = model._raw_column_family_name()
    index = indexes.create_index(table)
    with _announced(table, index), _collecting_rarely():
        _refresh_every(index, "-1")
        with ThreadPoolExecutor(READERS) as pool:
            counts = list(pool.map(lambda part: _fill(model, index, part, progress), token_ranges(RANGES)))
        _refresh_every(index, REFRESH_INTERVAL)
        _catch_up()
        search().call(lambda client: client.indices.refresh(index=index))
        indexes.turn_alias(table, index)
    return sum(counts)


def _fill(model: type[Model], index: str, token_range: tuple[int, int], progress: Progress) -> int:
    count, waiting = 0, 0
    lines: list[bytes] = []
    make = document_maker(model)
    for row in rows(model, token_range, document_columns(model), page_rows=BULK_DOCUMENTS):
        lines.extend(bulk_lines(make(row)))
        waiting += 1
        if waiting == BULK_DOCUMENTS:
            _send(lines, index)
            progress(waiting)
            count, lines, waiting = count + waiting, [], 0
    if lines:
        _send(lines, index)
        progress(waiting)
    return count + waiting


def _send(lines: list[bytes], index: str) -> None:
    """Index these documents; a cluster that is busy or away is given time. Their versions let them come again."""
    for pause in (*_PAUSES_SECONDS, None):
        try:
            refused = _refused(lines, index)
        except SearchUnavailable:
            if pause is None:
                raise
        else:
            if not refused:
                return
            if pause is None or any(item["index"]["status"] not in BUSY_STATUSES for item in refused):
                first = orjson.dumps(refused[0]).decode()
                raise RebuildFailed(f"Elasticsearch refused {len(refused)} documents: {first}")
        time.sleep(pause)


def _refused(lines: list[bytes], index: str) -> list[dict[str, Any]]:
    operations: Any = lines
    client = search().client.options(request_timeout=_BULK_TIMEOUT_SECONDS)
    answer = search().call(
        lambda _: client.bulk(index=index, operations=operations, filter_path="errors,items.index.status")
    )
    return (
        [item for item in answer["items"] if item["index"]["status"] not in SETTLED_STATUSES]
        if answer["errors"]
        else []
    )


def _refresh_every(index: str, interval: str) -> None:
    search().call(lambda client: client.indices.put_settings(index=index, settings={"refresh_interval": interval}))


def _catch_up() -> None:
    """Deliver what changed meanwhile, so that the turn shows nothing older than before it."""
    drained = relay.drain(whole=True)
    if drained.failed:
        raise RebuildFailed(f"{drained.failed} changes could not be delivered to the new index.")


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Rows and documents refer to nothing in circles: looking for circles among them is a third of the work."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _announced(table: str, index: str) -> Iterator[None]:
    """Keep the index announced until the work in it is over, however long it takes."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(targets.ANNOUNCED_FOR_SECONDS / 4):
            targets.announce(table, index)

    targets.announce(table, index)
    renewing = threading.Thread(target=renew, name="announce-rebuild", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        over.set()
        renewing.join()
        targets.withdraw(table)
