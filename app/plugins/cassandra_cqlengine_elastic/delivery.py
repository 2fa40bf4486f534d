"""Bringing documents to what Cassandra holds now.

A document's version is the write time of its row, read in the same read as the row, so a late or repeated delivery
never replaces newer content. A removed row leaves a marker document at the version of its removal, because
Elasticsearch forgets the versions of deleted documents; readers' aliases filter the markers out.

Two writers whose clocks differ can leave two states of a row under one version. So a delivery is done only when the
index, read after the row, shows what the row shows; until then it is repeated. And a request that indexes its own
write at once may only raise a version, never replace an equal one: it cannot undo what a delivery has confirmed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import structlog
from elasticsearch import ApiError, ConflictError

from app.plugins.cassandra_cqlengine import Model, statements, store
from app.plugins.cassandra_cqlengine_elastic.documents import (
    Document,
    document_of,
    document_of_instance,
    key_of,
    key_text,
)
from app.plugins.cassandra_cqlengine_elastic.outbox import DELETE, Delivery
from app.plugins.cassandra_cqlengine_elastic.registry import model_of
from app.plugins.cassandra_cqlengine_elastic.search import SETTLED_STATUSES, search
from app.utils.errors import SearchUnavailable

log = structlog.get_logger(__name__)

MARKER = "mirror_deleted_at"
_ROUNDS = 6
_READS_AT_ONCE = 32


@dataclass(frozen=True)
class Standing:
    """What an index holds under one id: nothing (version 0), a marker, or a document."""

    version: int = 0
    source: Mapping[str, Any] | None = None

    @property
    def is_live(self) -> bool:
        return self.source is not None and MARKER not in self.source


# the short way of a request that has just written


def index_at_once(documents: Sequence[Document], *, refresh: bool = False) -> None:
    """Show these rows in the index now when Elasticsearch answers quickly; otherwise the relay does it later."""
    where = search()
    if not documents or (where.is_resting() and not refresh):
        return
    client = where.hurried_client
    try:
        if len(documents) == 1:
            only = documents[0]
            client.index(
                index=where.alias(only.table),
                id=only.id,
                document=only.source,
                version=only.version,
                version_type="external",
                refresh=refresh,
                require_alias=True,
            )
        else:
            lines: Any = [line for each in documents for line in bulk_lines(each, where.alias(each.table))]
            client.bulk(operations=lines, refresh=refresh)
    except ConflictError:
        if refresh:
            client.indices.refresh(index=where.alias(documents[0].table))
    except Exception as fault:  # noqa: BLE001 - only an optimisation: the outbox row stays, and the relay replays it
        where.rest()
        log.warning("mirror_deferred", table=documents[0].table, reason=type(fault).__name__)


def index_row(instance: Model, *, whole: bool, refresh: bool) -> None:
    """Index a row just written: from the instance when it was written as a whole, else as read back."""
    if search().is_resting() and not refresh:
        return
    document = document_of_instance(instance) if whole else read(type(instance), [instance.key])[0]
    if document.source is not None:
        index_at_once([document], refresh=refresh)


def marker(table: str, key: tuple[Any, ...], version: int) -> Document:
    """What stands for a removed row."""
    return Document(table, key, {MARKER: datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}, version)


def bulk_lines(document: Document, index: str = "", version_type: str = "external") -> tuple[bytes, bytes]:
    """The two lines of a `_bulk` body that index one document at its version. index: "" where the request names it."""
    action: dict[str, Any] = {"_id": document.id, "version": document.version, "version_type": version_type}
    if index:
        action |= {"_index": index, "require_alias": index == search().alias(document.table)}
    return orjson.dumps({"index": action}), orjson.dumps(document.source)


# the whole way of the relay


def read(model: type[Model], keys: Sequence[tuple[Any, ...]], *, serial: bool = False) -> list[Document]:
    """The documents of these rows as Cassandra holds them now; source None where there is no row."""
    cql, table = statements.select_by_key(model), model._raw_column_family_name()
    if serial:
        rows = [store().execute(cql, model._key_values(key), serial=True).one() for key in keys]
    else:
        reads = [store().bind(cql, model._key_values(key)) for key in keys]
        rows = [result.one() for result in store().run_many(reads, _READS_AT_ONCE)]
    return [
        document_of(model, row) if row is not None else Document(table, key, None, 0)
        for row, key in zip(rows, keys, strict=True)
    ]


def deliver(
    deliveries: Iterable[Delivery], targets: Mapping[str, Sequence[str]], *, serial: bool = False
) -> set[Delivery]:
    """Bring the documents of these entries to what Cassandra holds and return the entries that are confirmed.

    targets: the indexes of each table. serial: finish conditional writes in flight before looking.
    Raises SearchUnavailable and StoreUnavailable; what was confirmed before then is simply delivered again.
    """
    groups: dict[tuple[str, str], list[Delivery]] = {}
    for delivery in deliveries:
        groups.setdefault((delivery.table, delivery.row_key), []).append(delivery)
    confirmed: set[Delivery] = set()
    open_groups = groups
    for round_number in range(_ROUNDS):
        behind = _one_round(open_groups, targets, serial=serial, insist=round_number > 0)
        for name in open_groups.keys() - behind:
            confirmed.update(open_groups[name])
        open_groups = {name: open_groups[name] for name in behind}
        if not open_groups:
            break
    return confirmed


def _one_round(
    groups: Mapping[tuple[str, str], Sequence[Delivery]],
    targets: Mapping[str, Sequence[str]],
    *,
    serial: bool,
    insist: bool,
) -> set[tuple[str, str]]:
    """Compare rows and indexes once, write what differs, and return what was not equal yet."""
    documents = _read_groups(groups, serial=serial)
    behind: set[tuple[str, str]] = set()
    lines: list[bytes] = []
    for index, names in _by_index(documents, targets).items():
        standing = standings(index, [documents[name] for name in names])
        for name in names:
            wanted = _wanted(documents[name], standing[documents[name].id], groups[name], insist=insist)
            if wanted is not None:
                behind.add(name)
                lines.extend(bulk_lines(wanted, index, "external_gte"))
    if lines:
        _write(lines)
    return behind


def _read_groups(groups: Mapping[tuple[str, str], Any], *, serial: bool) -> dict[tuple[str, str], Document]:
    documents: dict[tuple[str, str], Document] = {}
    for table in {name[0] for name in groups}:
        model = model_of(table)
        names = [name for name in groups if name[0] == table]
        found = read(model, [key_of(model, name[1]) for name in names], serial=serial)
        documents.update(zip(names, found, strict=True))
    return documents


def _by_index(
    documents: Mapping[tuple[str, str], Document], targets: Mapping[str, Sequence[str]]
) -> dict[str, list[tuple[str, str]]]:
    names: dict[str, list[tuple[str, str]]] = {}
    for name in documents:
        for index in targets[name[0]]:
            names.setdefault(index, []).append(name)
    return names


def standings(index: str, documents: Sequence[Document]) -> dict[str, Standing]:
    """What the index holds for each of these ids, searchable yet or not."""
    ids = list({document.id for document in documents})
    answer = search().call(lambda client: client.mget(index=index, ids=ids))
    return {
        found["_id"]: Standing(found["_version"], found["_source"]) if found.get("found") else Standing()
        for found in answer["docs"]
    }


def _wanted(document: Document, standing: Standing, asked: Sequence[Delivery], *, insist: bool) -> Document | None:
    """What must be written to make the index show the row, or None when it does.

    No row, and nothing of it in the index: only a removal leaves a marker. An intent may come before its row.
    insist: an earlier round did not help, so the standing version is matched: the row decides, not the clocks.
    """
    if document.source is None:
        told = (d.written_us for d in asked if d.operation == DELETE or standing.version)
        removed_at = 0 if insist else max(told, default=0)
        if not standing.is_live and standing.version >= removed_at:
            return None
        return marker(document.table, document.key, max(removed_at, standing.version, 1))
    if standing.is_live and standing.source == document.source and standing.version >= document.version:
        return None
    if not insist:
        return document
    # Refused, although nothing stands there: Elasticsearch still remembers the version of a deleted document.
    known = standing.version or store().next_timestamp()
    return Document(document.table, document.key, document.source, max(document.version, known))


def _write(lines: list[bytes]) -> None:
    try:
        answer = search().call(lambda client: client.bulk(operations=lines))
    except ApiError as fault:
        raise SearchUnavailable(f"Elasticsearch refused a bulk: {fault.message}") from fault
    if answer["errors"]:
        for item in answer["items"]:
            outcome = item["index"]
            if outcome["status"] not in SETTLED_STATUSES:
                log.error("mirror_refused", index=outcome["_index"], id=outcome["_id"], reason=str(outcome["error"]))


def delivery_of(model: type[Model], key: tuple[Any, ...], operation: str = "write") -> Delivery:
    """A delivery of one row that no outbox entry asks for."""
    return Delivery(0, UUID(int=0), model._raw_column_family_name(), key_text(key), operation, 0)
