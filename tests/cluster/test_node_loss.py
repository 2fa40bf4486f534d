"""Three Cassandra nodes, replication 3, quorum: people go on buying while one node is killed and comes back."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app.env import Settings
from app.plugins.embedded_engines import CassandraCluster, ports, start_cluster
from app.plugins.embedded_engines.elasticsearch import Elasticsearch
from tests.faults import auditing
from tests.faults.buyers import buying
from tests.faults.serving import connected, embedded_settings, made, own_stores, served, verified, wait_for
from tests.purchases import make_goods

log = logging.getLogger(__name__)
pytestmark = pytest.mark.cluster

PIECES = 10_000
BUYERS = 4
AWAY_SECONDS = 20
# one request of the driver may take so long, and idempotent ones are sent three times
REQUEST_SECONDS = 5.0
DRIVER_RETRY_SECONDS = 3 * REQUEST_SECONDS + 1


@dataclass
class Place:
    """The running nodes and the settings that point at them."""

    cluster: CassandraCluster
    settings: Settings


@contextmanager
def search_engine(folder: Path, base: Settings) -> Iterator[str]:
    """One Elasticsearch beside the cluster; its address."""
    engine = Elasticsearch(folder / "elasticsearch", base.cache_folder.absolute(), base.elastic_heap_mib)
    engine.port = ports.free_port()
    engine.transport_port = ports.free_port([engine.port])
    try:
        engine.launch()
        engine.wait_until_ready()
        yield engine.url
    finally:
        engine.kill()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("cluster")
    replication = "{'class': 'NetworkTopologyStrategy', 'datacenter1': 3}"
    base = embedded_settings(folder, CASSANDRA_REPLICATION=replication)
    with search_engine(folder, base) as url, start_cluster(base) as cluster:
        settings = replace(
            own_stores(base, "cluster", folder),
            engines="external",
            cassandra_hosts=cluster.hosts,
            cassandra_port=cluster.port,
            cassandra_timeout_seconds=REQUEST_SECONDS,
            elastic_url=url,
        )
        with connected(made(settings)):
            yield Place(cluster, settings)


@pytest.mark.parametrize("number", [1, 0], ids=["a node", "the node that clients know first"])
def test_purchases_go_on_while_a_node_is_killed_and_comes_back(place: Place, number: int):
    goods = [make_goods("product", left=PIECES) for _ in range(3)]
    node = place.cluster.nodes[number]
    with served(place.settings) as site:
        with buying(site.address, goods, BUYERS) as buyers:
            journal = buyers.people[0].journal
            before = buyers.paid()
            node.kill()
            killed_at = time.monotonic()
            wait_for(lambda: buyers.faults or time.monotonic() - killed_at > AWAY_SECONDS, AWAY_SECONDS + 5)
            meanwhile = buyers.paid() - before
            node.launch()
            node.wait_until_ready()
            back = time.monotonic() - killed_at
        log.warning(
            "%s away for %.0f s: %d purchases meanwhile, %d refused (%s), again allowed after %.1f s at most; "
            "longest request %.1f s (%s)",
            node.host,
            back,
            meanwhile,
            journal.put_off.total(),
            dict(journal.put_off),
            journal.longest_refused_seconds,
            journal.longest_wait_seconds,
            journal.waited_for,
        )
        wait_for(lambda: not auditing.half_done(buyers.people), 200, lambda: auditing.half_done(buyers.people))
    assert meanwhile > BUYERS, "people went on buying"
    assert journal.longest_refused_seconds < DRIVER_RETRY_SECONDS
    assert auditing.faults(buyers.people, goods, PIECES) == []
    verified(place.settings)
