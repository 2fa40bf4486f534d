"""Removing the markers of rows deleted long ago."""

from datetime import UTC, datetime, timedelta

from app.plugins.cassandra_cqlengine import Model
from app.plugins.cassandra_cqlengine_elastic.delivery import MARKER, read
from app.plugins.cassandra_cqlengine_elastic.documents import key_from_id
from app.plugins.cassandra_cqlengine_elastic.indexes import current_index
from app.plugins.cassandra_cqlengine_elastic.registry import mirrored_models
from app.plugins.cassandra_cqlengine_elastic.search import search

_AT_ONCE = 1000


def purge(now: datetime) -> int:
    """Remove markers older than the settings keep them, where Cassandra still has no row; how many.

    By then no delivery that read the row before its removal can still be on its way.
    """
    where = search()
    before = (now.astimezone(UTC) - timedelta(hours=where.settings.mirror_marker_keep_hours)).isoformat()
    purged = 0
    for model in mirrored_models():
        index = current_index(model._raw_column_family_name())
        if index is None:
            continue
        answer = where.call(
            lambda client, index=index: client.search(
                index=index, query={"range": {MARKER: {"lt": before}}}, size=_AT_ONCE, version=True
            )
        )
        hits = [hit for hit in answer["hits"]["hits"] if _is_gone(model, hit["_id"])]
        lines = [
            {"delete": {"_index": index, "_id": h["_id"], "version": h["_version"], "version_type": "external_gte"}}
            for h in hits
        ]
        if lines:
            where.call(lambda client, lines=lines: client.bulk(operations=lines))
        purged += len(lines)
    return purged


def _is_gone(model: type[Model], id_text: str) -> bool:
    return read(model, [key_from_id(model, id_text)])[0].source is None
