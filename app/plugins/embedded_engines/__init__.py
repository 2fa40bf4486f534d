"""Cassandra and Elasticsearch on this machine, from packages: no server to install, no container.

    with embedded_engines.running(settings) as endpoints:
        settings = endpoints.applied_to(settings)

`python -m app.plugins.embedded_engines.relock` renews the list of files the engines are made of.
"""

from app.plugins.embedded_engines.cluster import CassandraCluster, start_cluster
from app.plugins.embedded_engines.engine import EngineStatus
from app.plugins.embedded_engines.errors import EnginesError
from app.plugins.embedded_engines.files import writable_folder
from app.plugins.embedded_engines.pair import Endpoints, EnginePair
from app.plugins.embedded_engines.sharing import fallen, revive, running, start, status, stop

__all__ = [
    "CassandraCluster",
    "Endpoints",
    "EnginePair",
    "EngineStatus",
    "EnginesError",
    "fallen",
    "revive",
    "running",
    "start",
    "start_cluster",
    "status",
    "stop",
    "writable_folder",
]
