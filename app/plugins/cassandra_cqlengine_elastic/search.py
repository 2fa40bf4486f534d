"""The connection to Elasticsearch, and the names and index bodies this product uses there."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from elastic_transport import TransportError
from elastic_transport.client_utils import DEFAULT
from elasticsearch import ApiError, Elasticsearch, OrjsonSerializer

from app.env import Settings
from app.utils.errors import SearchUnavailable

IndexDefinitions = Mapping[str, Mapping[str, Mapping[str, Any]]]

LIVE_ALIAS_FILTER = {"bool": {"must_not": [{"exists": {"field": "mirror_deleted_at"}}]}}
SORTABLE = "raw"
REFRESH_INTERVAL = "500ms"
BUSY_STATUSES = (429, 502, 503, 504)
SETTLED_STATUSES = (200, 201, 409)
"""Of one document in a bulk: written, or not needed because the index holds a newer version."""
_PAUSE_AFTER_FAILURE_SECONDS = 1.0


class _Json(OrjsonSerializer):
    """What Elasticsearch answers, read several times faster than by the standard library."""

    mimetype = "application/vnd.elasticsearch+json"


class Search:
    """One Elasticsearch cluster: its client, the index definitions, and whether it answers just now."""

    def __init__(self, settings: Settings, definitions: IndexDefinitions) -> None:
        self.settings = settings
        self.definitions = definitions
        self._lock = threading.Lock()
        self._client: Elasticsearch | None = None
        self._hurried: Elasticsearch | None = None
        self._analysis: Mapping[str, Any] | None = None
        self._resting_until = 0.0
        self.makers: dict[type, Any] = {}

    @property
    def client(self) -> Elasticsearch:
        if self._client is None:
            with self._lock:
                if self._client is None:
                    self._client = self._new_client()
        return self._client

    @property
    def hurried_client(self) -> Elasticsearch:
        """The same client, giving up soon: for what a waiting person need not wait for."""
        if self._hurried is None:
            self._hurried = self.client.options(request_timeout=self.settings.mirror_request_timeout_seconds)
        return self._hurried

    def _new_client(self) -> Elasticsearch:
        settings = self.settings
        return Elasticsearch(
            settings.elastic_url,
            api_key=settings.elastic_api_key or None,
            ca_certs=settings.elastic_ca or DEFAULT,
            request_timeout=settings.elastic_timeout_seconds,
            connections_per_node=max(10, settings.web_threads),
            serializers={_Json.mimetype: _Json()},
            retry_on_timeout=False,
            max_retries=0,
        )

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = self._hurried = None

    def call(self, request: Callable[..., Any]) -> Any:
        """The body of an answer. Raises SearchUnavailable when there is none in time."""
        try:
            return request(self.client).body
        except ApiError as fault:
            if fault.meta.status in BUSY_STATUSES:
                raise SearchUnavailable("Search is not available right now. Reading by id still works.") from fault
            raise
        except TransportError as fault:
            raise SearchUnavailable("Search is not available right now. Reading by id still works.") from fault

    def call_exists(self, alias: str) -> bool:
        """Whether an alias exists. Raises SearchUnavailable."""
        try:
            return bool(self.client.indices.exists_alias(name=alias))
        except (ApiError, TransportError) as fault:
            raise SearchUnavailable("Search is not available right now.") from fault

    # the short way of a request that has just written

    def is_resting(self) -> bool:
        """True for a moment after a failure, so that a dead cluster does not slow every write."""
        return time.monotonic() < self._resting_until

    def rest(self) -> None:
        self._resting_until = time.monotonic() + _PAUSE_AFTER_FAILURE_SECONDS

    # names

    def alias(self, table: str) -> str:
        """What readers and writers use; it filters out the markers of deleted rows."""
        return f"{self.settings.elastic_index_prefix}{table}"

    def physical_pattern(self, table: str) -> str:
        return f"{self.alias(table)}-v*"

    def ping(self) -> None:
        """Return when the cluster answers. Raises SearchUnavailable naming its address."""
        try:
            self.call(lambda client: client.cluster.health(timeout="2s"))
        except SearchUnavailable as fault:
            raise SearchUnavailable(f"Elasticsearch does not answer at {self.settings.elastic_url}.") from fault

    # index bodies

    def index_body(self, table: str) -> dict[str, Any]:
        """Settings and strict mappings of a table's index, with a language analyzer where the cluster has one."""
        return {
            "settings": {
                "index": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": REFRESH_INTERVAL},
                "analysis": self.analysis(),
            },
            "mappings": {
                "dynamic": "strict",
                "properties": {
                    **{name: _field(spec) for name, spec in self.definitions[table].items()},
                    "mirror_deleted_at": {"type": "date"},
                },
            },
        }

    def analysis(self) -> Mapping[str, Any]:
        """The best analyzer for texts that the connected cluster offers: stemming and folding, else plain words."""
        if self._analysis is None:
            folded = {
                "filter": {"language_stemmer": {"type": "stemmer", "language": self.settings.elastic_language}},
                "analyzer": {
                    "text": {
                        "tokenizer": "standard",
                        "filter": ["lowercase", "asciifolding", "language_stemmer"],
                    }
                },
            }
            plain = {"analyzer": {"text": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase"]}}}
            self._analysis = folded if self._accepts(["lowercase", "asciifolding", "porter_stem"]) else plain
        return self._analysis

    def _accepts(self, filters: list[str]) -> bool:
        try:
            self.call(lambda c: c.indices.analyze(tokenizer="standard", filter=filters, text="Café classes"))
        except ApiError:
            return False
        return True


def _field(spec: Mapping[str, Any]) -> dict[str, Any]:
    kind = spec["type"]
    if kind == "text":
        sortable = {"type": "keyword", "ignore_above": 256}
        return {"type": "text", "analyzer": "text", "fields": {SORTABLE: sortable}}
    if kind == "object":
        return {"type": "object", "enabled": False}
    return dict(spec)


_current: Search | None = None


def configure(settings: Settings, definitions: IndexDefinitions) -> Search:
    """Make this cluster and these definitions the process's own."""
    global _current
    if _current is not None:
        _current.close()
    _current = Search(settings, definitions)
    return _current


def search() -> Search:
    """The process's search. Raises RuntimeError before `configure`."""
    if _current is None:
        raise RuntimeError("cassandra_cqlengine_elastic.configure(settings, definitions) has not been called")
    return _current


__all__ = [
    "BUSY_STATUSES",
    "LIVE_ALIAS_FILTER",
    "SETTLED_STATUSES",
    "SORTABLE",
    "IndexDefinitions",
    "Search",
    "configure",
    "search",
]
