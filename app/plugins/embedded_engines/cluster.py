"""Three Cassandra nodes on 127.0.0.1, .2 and .3, for tests that take a node away."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.env import Settings
from app.plugins.embedded_engines import files, memory, ports
from app.plugins.embedded_engines.cassandra import Cassandra
from app.plugins.embedded_engines.console import say

NODE_HEAP_MIB = 512
TOKENS_PER_NODE = 4


class CassandraCluster:
    """Cassandra nodes on loopback addresses, all on one port. `nodes[i]` has kill(), stop(), restart(), process()."""

    def __init__(self, nodes: list[Cassandra]) -> None:
        self.nodes = nodes

    @property
    def hosts(self) -> tuple[str, ...]:
        """The nodes' addresses, for CASSANDRA_HOSTS."""
        return tuple(node.host for node in self.nodes)

    @property
    def port(self) -> int:
        """The port all nodes answer CQL on."""
        return self.nodes[0].port

    def start(self) -> None:
        """Every node answers. They join one after the other, as Cassandra asks for. Raises EnginesError."""
        memory.ensure_room({f"node {node.host}": memory.needed_mib(node.name, node.heap_mib) for node in self.nodes})
        for number, node in enumerate(self.nodes, start=1):
            if node.process() is None:
                say(f"Starting Cassandra node {number} of {len(self.nodes)} on {node.host}:{node.port} …")
                node.launch()
            node.wait_until_ready()

    def stop(self) -> None:
        """No node runs; their data stay."""
        for node in reversed(self.nodes):
            node.stop()


@contextmanager
def start_cluster(settings: Settings, size: int = 3) -> Iterator[CassandraCluster]:
    """A fresh cluster of `size` nodes in `settings.data_folder`/cluster runs inside the block; its data go with it.

    Nodes left over from a killed run are ended first. Raises EnginesError.
    """
    folder = files.writable_folder(settings.data_folder.absolute() / "cluster", "DATA_FOLDER")
    with files.exclusive(folder.with_suffix(".lock")):
        hosts = [f"127.0.0.{number}" for number in range(1, size + 1)]
        nodes = [_node(folder, settings, host, hosts[0]) for host in hosts]
        for node in nodes:
            node.kill()
        shutil.rmtree(folder)
        port = ports.free_port(hosts=hosts)
        storage_port = ports.free_port([port], hosts)
        for node in nodes:
            node.port, node.storage_port = port, storage_port
            node.tokens, node.replicas = TOKENS_PER_NODE, size
        cluster = CassandraCluster(nodes)
        try:
            cluster.start()
            yield cluster
        finally:
            for node in nodes:
                node.kill()
            shutil.rmtree(folder, ignore_errors=True)


def _node(folder: Path, settings: Settings, host: str, seed: str) -> Cassandra:
    return Cassandra(folder / host, settings.cache_folder.absolute(), NODE_HEAP_MIB, host, [seed])
