"""Where a person could be found: every table, every index, every file."""

import json
from collections.abc import Iterable
from pathlib import Path

from elasticsearch.helpers import scan

from app import commands
from app.plugins.cassandra_cqlengine.scan import every_row
from app.plugins.cassandra_cqlengine_elastic import search

Needles = Iterable[str]


def in_cassandra(needles: Needles) -> dict[str, set[str]]:
    """Table → the needles that some column of some row holds, whatever its case."""
    return {
        model._raw_column_family_name(): found
        for model in commands.tables()
        if (found := _found(needles, (repr(row) for row in every_row(model, parts=1))))
    }


def in_elasticsearch(needles: Needles) -> dict[str, set[str]]:
    """Index → the needles that some document holds, those of removed rows included."""
    client, prefix = search().client, search().settings.elastic_index_prefix
    hits: dict[str, set[str]] = {}
    for hit in scan(client, index=f"{prefix}*", query={"query": {"match_all": {}}}):
        if found := _found(needles, [json.dumps(hit["_source"], ensure_ascii=False) + hit["_id"]]):
            hits.setdefault(hit["_index"], set()).update(found)
    return hits


def in_files(needles: Needles, *folders: Path) -> dict[str, set[str]]:
    """File → the needles that its name or content holds."""
    hits = {}
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        if found := _found(needles, [str(path), path.read_bytes().decode("latin-1")]):
            hits[str(path)] = found
    return hits


def _found(needles: Needles, texts: Iterable[str]) -> set[str]:
    wanted = {needle: needle.casefold() for needle in needles}
    found: set[str] = set()
    for text in map(str.casefold, texts):
        found |= {needle for needle, low in wanted.items() if low in text}
    return found
