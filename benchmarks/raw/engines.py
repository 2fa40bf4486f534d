"""What a careful programmer would write against the two engines by hand, for the write and the rebuild row."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
from cassandra.cluster import Session
from cassandra.query import BatchStatement, BatchType
from elasticsearch import Elasticsearch


class RawWriter:
    """One prepared insert and one index request for each row; nothing to fall back on when the second fails."""

    def __init__(self, session: Session, elastic: Elasticsearch, index: str, columns: Sequence[str]) -> None:
        self._session, self._elastic, self._index, self._columns = session, elastic, index, columns
        names = ", ".join(f'"{name}"' for name in columns)
        marks = ", ".join("?" for _ in columns)
        self._insert = session.prepare(f"INSERT INTO product ({names}) VALUES ({marks})")

    def write(self, row: Mapping[str, Any], document: Mapping[str, Any]) -> None:
        self._session.execute(self._insert, [row[name] for name in self._columns])
        self._elastic.index(index=self._index, id=row["id"], document=document)


class RawOutboxWriter(RawWriter):
    """The same with our durability: insert and outbox row in one logged batch, so that a lost index write is found."""

    def __init__(self, session: Session, elastic: Elasticsearch, index: str, columns: Sequence[str]) -> None:
        super().__init__(session, elastic, index, columns)
        self._announce = session.prepare(
            "INSERT INTO mirror_outbox (shard, entry_id, table_name, row_key, operation) VALUES (?, now(), ?, ?, ?)"
        )

    def write(self, row: Mapping[str, Any], document: Mapping[str, Any]) -> None:
        batch = BatchStatement(BatchType.LOGGED)
        batch.add(self._insert, [row[name] for name in self._columns])
        batch.add(self._announce, [hash(row["id"]) % 16, "product", f'["{row["id"]}"]', "create"])
        self._session.execute(batch)
        self._elastic.index(index=self._index, id=row["id"], document=document)


def bulk(elastic: Elasticsearch, index: str, documents: Sequence[Mapping[str, Any]], chunk: int, threads: int) -> None:
    """Index documents that are in memory already, in `_bulk` requests of `chunk`, `threads` of them at a time.

    Raises RuntimeError when the server refuses one.
    """

    def send(first: int) -> bool:
        lines: list[bytes] = []
        for document in documents[first : first + chunk]:
            lines += (orjson.dumps({"index": {"_id": document["id"]}}), orjson.dumps(document))
        return elastic.bulk(index=index, operations=lines, filter_path="errors")["errors"]

    with ThreadPoolExecutor(threads) as pool:
        if any(pool.map(send, range(0, len(documents), chunk))):
            raise RuntimeError("Elasticsearch refused a document of the baseline's bulk.")
