"""Elasticsearch 9 as one process on the loopback address: the server and its HTTP module, both from packages.

The Java virtual machine runs inside a small Python process (elasticsearch_node.py), because the server's own
launcher is not published as a package. A write is acknowledged after its translog is on the disk (the default).
"""

import http.client
import shutil
import sys
import zipfile
from pathlib import Path

from app.plugins.embedded_engines import downloads, ports
from app.plugins.embedded_engines.engine import Engine
from app.plugins.embedded_engines.files import replace_text

_MODULE = "transport-netty4"
_MODULE_DESCRIPTION = f"META-INF/es-plugins/{_MODULE}/"
_LOG4J = """status = error
appender.rolling.type = RollingFile
appender.rolling.name = rolling
appender.rolling.fileName = {log}
appender.rolling.filePattern = {log}.%i
appender.rolling.layout.type = PatternLayout
appender.rolling.layout.pattern = %d{{ISO8601}} %-5p %c{{1.}} - %m%n
appender.rolling.policies.type = Policies
appender.rolling.policies.size.type = SizeBasedTriggeringPolicy
appender.rolling.policies.size.size = 10MB
appender.rolling.strategy.type = DefaultRolloverStrategy
appender.rolling.strategy.max = 3
rootLogger.level = warn
rootLogger.appenderRef.rolling.ref = rolling
logger.node.name = org.elasticsearch.node
logger.node.level = info
"""


class Elasticsearch(Engine):
    """One Elasticsearch node."""

    name = "elasticsearch"

    def __init__(self, folder: Path, cache_folder: Path, heap_mib: int, host: str = ports.LOOPBACK) -> None:
        super().__init__(folder, cache_folder, heap_mib, host)
        self.transport_port = 0

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://{self.host}:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "logs" / "elasticsearch.log"

    def fetch(self) -> list[Path]:
        return downloads.fetch(self.cache_folder, self.name)

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=5)
        try:
            connection.request("GET", "/_cluster/health")
            answer = connection.getresponse()
            return answer.status == 200 and b'"timed_out":false' in answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def command(self, jars: list[Path]) -> list[str]:
        home = self.folder / "home"
        (home / "config").mkdir(parents=True, exist_ok=True)
        replace_text(home / "config" / "log4j2.properties", _LOG4J.format(log=self.log))
        module_jars = [jar for jar in jars if jar.name.startswith((f"{_MODULE}-", "netty-"))]
        self._lay_out_module(home / "modules", module_jars)
        classpath = [str(jar) for jar in jars if jar not in module_jars]
        replace_text(home / "config" / "classpath.txt", "\n".join(classpath))
        return [
            sys.executable,
            "-I",
            str(Path(__file__).with_name("elasticsearch_node.py")),
            self.marker,
            str(home),
            self.host,
            str(self.port),
            str(self.transport_port),
            str(self.heap_mib),
        ]

    def _lay_out_module(self, modules: Path, jars: list[Path]) -> None:
        """`modules` holds the HTTP module as the server expects it: its jars and its two descriptions.

        The line that names a Java module is left out: the jars are loaded from the class path.
        """
        shutil.rmtree(modules, ignore_errors=True)
        folder = modules / _MODULE
        folder.mkdir(parents=True)
        for jar in jars:
            (folder / jar.name).symlink_to(jar.resolve())
        main_jar = next(jar for jar in jars if jar.name.startswith(f"{_MODULE}-"))
        with zipfile.ZipFile(main_jar) as archive:
            for name in archive.namelist():
                if name.startswith(_MODULE_DESCRIPTION) and not name.endswith("/"):
                    lines = archive.read(name).decode().splitlines()
                    kept = [line for line in lines if not line.startswith("modulename")]
                    (folder / Path(name).name).write_text("\n".join(kept) + "\n", encoding="utf-8")
