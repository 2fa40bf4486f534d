"""Indexing soon after a write instead of within it.

A row that several steps of one request change would be read back and indexed after each of them. Here the steps only
name the row, and a thread of the process indexes it once, a moment later. Nothing depends on it: the outbox entries
of the writes stay until the relay has confirmed the documents.
"""

import os
import threading
import time

import structlog

from app.plugins.cassandra_cqlengine import Model
from app.plugins.cassandra_cqlengine_elastic.delivery import index_at_once, read
from app.plugins.cassandra_cqlengine_elastic.documents import Key
from app.plugins.cassandra_cqlengine_elastic.search import search

log = structlog.get_logger(__name__)

GATHERING_SECONDS = 0.05
MOST_WAITING = 10_000

_Rows = dict[tuple[type[Model], Key], None]


class _Prompter:
    """The waiting rows of one process and the thread that indexes them."""

    def __init__(self) -> None:
        self.process_id = os.getpid()
        self._rows: _Rows = {}
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="prompt-indexing", daemon=True).start()

    def add(self, model: type[Model], key: Key) -> None:
        with self._changed:
            if len(self._rows) < MOST_WAITING:
                self._rows[(model, key)] = None
                self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._rows)
            time.sleep(GATHERING_SECONDS)
            with self._changed:
                rows, self._rows = self._rows, {}
            try:
                _index(rows)
            except Exception as fault:  # noqa: BLE001 - only an optimisation: the relay delivers these rows as well
                log.warning("mirror_deferred", rows=len(rows), reason=type(fault).__name__)


def _index(rows: _Rows) -> None:
    if search().is_resting():
        return
    for model in {model for model, _ in rows}:
        documents = read(model, [key for of_model, key in rows if of_model is model])
        index_at_once([document for document in documents if document.source is not None])


_lock = threading.Lock()
_prompter: _Prompter | None = None


def index_soon(model: type[Model], key: Key) -> None:
    """The row's document is brought up to date in a moment, if Elasticsearch answers."""
    global _prompter
    with _lock:
        if _prompter is None or _prompter.process_id != os.getpid():
            _prompter = _Prompter()
    _prompter.add(model, key)
