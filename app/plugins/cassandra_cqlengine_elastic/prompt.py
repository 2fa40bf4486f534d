"""Indexing soon after a write instead of within it.

A row that several steps of one request change would be read back and indexed after each of them. Here the steps only
name the row, and a thread of the process indexes it once, a moment later. Nothing depends on it: the outbox entries
of the writes stay until the relay has confirmed the documents.
"""

from app.plugins.cassandra_cqlengine import Model
from app.plugins.cassandra_cqlengine_elastic.delivery import index_at_once, read
from app.plugins.cassandra_cqlengine_elastic.documents import Key
from app.plugins.cassandra_cqlengine_elastic.search import search
from app.utils.gathering import Gatherer

GATHERING_SECONDS = 0.25

_Row = tuple[type[Model], Key]


def index_soon(model: type[Model], key: Key) -> None:
    """The row's document is brought up to date in a moment, if Elasticsearch answers."""
    _gatherer.add((model, key))


def _index(rows: list[_Row]) -> None:
    if search().is_resting():
        return
    models = dict.fromkeys(model for model, _ in rows)
    read_again = [document for m in models for document in read(m, [key for of_model, key in rows if of_model is m])]
    index_at_once([document for document in read_again if document.source is not None])


_gatherer: Gatherer[_Row] = Gatherer("prompt-indexing", GATHERING_SECONDS, _index)
