"""The mirror: every row of a mirrored model has a document in Elasticsearch, and questions are asked there."""

from typing import Any

from app.plugins.cassandra_cqlengine_elastic import relay
from app.plugins.cassandra_cqlengine_elastic.mirrored import MirroredModel
from app.plugins.cassandra_cqlengine_elastic.outbox import OutboxEntry
from app.plugins.cassandra_cqlengine_elastic.query import CursorRefused, Page, Query
from app.plugins.cassandra_cqlengine_elastic.registry import mirrored_models
from app.plugins.cassandra_cqlengine_elastic.search import IndexDefinitions, configure, search
from app.plugins.cassandra_cqlengine_elastic.targets import MirrorRebuild

TABLES = (OutboxEntry, MirrorRebuild)

__all__ = [
    "TABLES",
    "CursorRefused",
    "MirroredModel",
    "Page",
    "Query",
    "configure",
    "init_app",
    "mirrored_models",
    "relay",
    "search",
]


def init_app(app: Any, definitions: IndexDefinitions) -> None:
    """Make the application's settings and these index definitions the process's own; connects at first use."""
    configure(app.config["SETTINGS"], definitions)
