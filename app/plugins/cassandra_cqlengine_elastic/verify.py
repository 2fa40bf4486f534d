"""Comparing the mirror with Cassandra, row by row, and healing what differs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from app.plugins.cassandra_cqlengine import Model
from app.plugins.cassandra_cqlengine.scan import every_row
from app.plugins.cassandra_cqlengine_elastic.delivery import MARKER, deliver, delivery_of, read, standings
from app.plugins.cassandra_cqlengine_elastic.documents import Document, document_of
from app.plugins.cassandra_cqlengine_elastic.search import search
from app.utils.batches import batched

Progress = Callable[[int], None]

BATCH = 500
_LISTED = 20
_PIT_KEEP_ALIVE = "2m"


@dataclass
class Drift:
    """What one table's mirror shows otherwise than Cassandra: ids in each list, the first few of them."""

    table: str
    rows: int = 0
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    repaired: int = 0

    @property
    def total(self) -> int:
        return len(self.missing) + len(self.extra) + len(self.stale)

    def __str__(self) -> str:
        parts = [f"{self.table}: {self.rows} rows"]
        for name in ("missing", "extra", "stale"):
            ids = getattr(self, name)
            if ids:
                shown = ", ".join(ids[:_LISTED]) + (", …" if len(ids) > _LISTED else "")
                parts.append(f"{len(ids)} {name} ({shown})")
        if not self.total:
            parts.append("equal")
        if self.repaired:
            parts.append(f"{self.repaired} repaired")
        return ", ".join(parts)


def verify(model: type[Model], *, repair: bool = False, progress: Progress = lambda _: None) -> Drift:
    """Compare every row with its document, and every document with its row.

    What differs is looked at a second time, row first, so that a change on its way is not called drift.
    repair: bring the differing documents to their rows. Raises SearchUnavailable and StoreUnavailable.
    """
    drift = Drift(model._raw_column_family_name())
    for documents in batched((document_of(model, row) for row in every_row(model)), BATCH):
        drift.rows += len(documents)
        _note(model, drift, _differing(documents), repair=repair)
        progress(len(documents))
    for keys in batched(_mirrored_keys(model), BATCH):
        gone = [document for document in read(model, keys) if document.source is None]
        _note(model, drift, _differing(gone), repair=repair)
    return drift


def _differing(documents: list[Document]) -> list[Document]:
    if not documents:
        return []
    standing = standings(search().alias(documents[0].table), documents)
    return [
        document
        for document in documents
        if (standing[document.id].source if standing[document.id].is_live else None) != document.source
    ]


def _note(model: type[Model], drift: Drift, suspects: list[Document], *, repair: bool) -> None:
    again = _differing(read(model, [document.key for document in suspects], serial=True)) if suspects else []
    if not again:
        return
    standing = standings(search().alias(drift.table), again)
    for document in again:
        if document.source is None:
            drift.extra.append(document.id)
        elif not standing[document.id].is_live:
            drift.missing.append(document.id)
        else:
            drift.stale.append(document.id)
    if repair:
        wanted = [delivery_of(model, document.key) for document in again]
        drift.repaired += len(deliver(wanted, {drift.table: [search().alias(drift.table)]}, serial=True))


def _mirrored_keys(model: type[Model]) -> Iterator[tuple[Any, ...]]:
    """The keys of all documents that are no markers, from one point in time."""
    where = search()
    names = list(model._primary_keys)
    alias = where.alias(model._raw_column_family_name())
    where.call(lambda client: client.indices.refresh(index=alias))
    pit = where.call(lambda client: client.open_point_in_time(index=alias, keep_alive=_PIT_KEEP_ALIVE))["id"]
    after: list[Any] | None = None
    try:
        while True:
            answer = where.call(
                lambda client, after=after: client.search(
                    pit={"id": pit, "keep_alive": _PIT_KEEP_ALIVE},
                    query={"bool": {"must_not": [{"exists": {"field": MARKER}}]}},
                    source=names,
                    size=BATCH,
                    sort=[{name: "asc"} for name in names],
                    search_after=after,
                    track_total_hits=False,
                )
            )
            hits = answer["hits"]["hits"]
            if not hits:
                return
            for hit in hits:
                yield tuple(hit["_source"][name] for name in names)
            after = hits[-1]["sort"]
    finally:
        where.call(lambda client: client.close_point_in_time(id=pit))
