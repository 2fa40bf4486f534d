"""The two engines of one data folder, started once and shared by everybody who uses that folder.

Each user (run.py, db.py, a test run) holds a locked file in `engines/users`. The last one out stops the engines,
unless they were started to stay (`db.py --engines start`). The kernel drops the lock of a user that was killed, so
the next one finds the engines running with no user, takes them over, and stops them at its own end.
"""

import contextlib
import json
import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app.env import Settings
from app.plugins.embedded_engines import files, memory, ports
from app.plugins.embedded_engines.cassandra import Cassandra
from app.plugins.embedded_engines.console import say
from app.plugins.embedded_engines.elasticsearch import Elasticsearch
from app.plugins.embedded_engines.engine import Engine, EngineStatus
from app.plugins.embedded_engines.errors import EnginesError

DEFAULT_CASSANDRA_PORT = 9042
DEFAULT_ELASTIC_PORT = 9200


@dataclass(frozen=True)
class Endpoints:
    """Where running engines answer."""

    cassandra_hosts: tuple[str, ...]
    cassandra_port: int
    elastic_url: str

    def applied_to(self, settings: Settings) -> Settings:
        """The same settings, pointing at these engines."""
        return replace(
            settings,
            cassandra_hosts=self.cassandra_hosts,
            cassandra_port=self.cassandra_port,
            elastic_url=self.elastic_url,
        )

    def environment(self) -> dict[str, str]:
        """The variables that tell a child process of these engines."""
        return {
            "CASSANDRA_HOSTS": ",".join(self.cassandra_hosts),
            "CASSANDRA_PORT": str(self.cassandra_port),
            "ELASTIC_URL": self.elastic_url,
        }


class EnginePair:
    """Cassandra and Elasticsearch in `settings.data_folder`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.folder = settings.data_folder.absolute() / "engines"
        cache = settings.cache_folder.absolute()
        self.cassandra = Cassandra(self.folder / "cassandra", cache, settings.cassandra_heap_mib)
        self.elasticsearch = Elasticsearch(self.folder / "elasticsearch", cache, settings.elastic_heap_mib)
        self._read_ports()

    @property
    def engines(self) -> tuple[Engine, Engine]:
        return (self.cassandra, self.elasticsearch)

    @property
    def endpoints(self) -> Endpoints:
        """Where the engines answer, or answered last."""
        return Endpoints((self.cassandra.host,), self.cassandra.port, self.elasticsearch.url)

    # everybody's turn

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Nobody else starts or stops the engines of this folder meanwhile."""
        files.writable_folder(self.folder, "DATA_FOLDER")
        with files.exclusive(self.folder / "turn.lock"):
            self._read_ports()
            yield

    def enter(self) -> tuple[int, Path]:
        """This process is a user of the engines until `leave`."""
        path = self.folder / "users" / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        return files.hold(path, f"{Path(sys.argv[0]).name} (process {os.getpid()})"), path

    def leave(self, held: tuple[int, Path]) -> None:
        """This process is no user any more."""
        descriptor, path = held
        path.unlink(missing_ok=True)
        os.close(descriptor)

    def users(self) -> list[str]:
        """Who uses the engines now; traces of the killed are removed."""
        found = []
        for path in sorted((self.folder / "users").glob("*")):
            if files.is_held(path):
                found.append(path.read_text(encoding="utf-8"))
            else:
                path.unlink(missing_ok=True)
        return found

    @property
    def keep_mark(self) -> Path:
        """Exists while the engines are to stay after their last user."""
        return self.folder / "keep"

    # what happens in one's turn

    def ensure_running(self) -> None:
        """Both engines answer. What runs is taken over, what does not is started.

        Raises EnginesError; engines that this call started are stopped again then.
        """
        absent = [engine for engine in self.engines if engine.process() is None]
        memory.ensure_room({engine.name: memory.needed_mib(engine.name, engine.heap_mib) for engine in absent})
        for engine in absent:
            engine.fetch()
        if absent:
            self._choose_ports(absent)
            say(f"Starting {' and '.join(engine.name for engine in absent)} …")
        try:
            for engine in absent:
                engine.launch()
            for engine in self.engines:
                self._ready_or_again(engine, fresh=engine in absent)
        except BaseException:
            for engine in absent:
                engine.stop()
            raise

    def stop(self) -> None:
        """Neither engine runs."""
        running = [engine for engine in self.engines if engine.process() is not None]
        if running:
            say(f"Stopping {' and '.join(engine.name for engine in running)} …")
        for engine in reversed(running):
            engine.stop()

    def status(self) -> list[EngineStatus]:
        """How both engines are now."""
        self._read_ports()
        return [engine.status() for engine in self.engines]

    def _ready_or_again(self, engine: Engine, fresh: bool) -> None:
        """The engine answers; one that was found running but does not answer is started anew, once."""
        try:
            engine.wait_until_ready()
        except EnginesError:
            if fresh:
                raise
            engine.restart()

    # ports

    @property
    def _ports_path(self) -> Path:
        return self.folder / "ports.json"

    def _read_ports(self) -> None:
        known: dict[str, int] = {}
        with contextlib.suppress(OSError, ValueError):
            known = json.loads(self._ports_path.read_text(encoding="utf-8"))
        self.cassandra.port = known.get("cassandra", self.settings.cassandra_port)
        self.cassandra.storage_port = known.get("cassandra_storage", 0)
        self.elasticsearch.port = known.get("elasticsearch", _port_of(self.settings.elastic_url))
        self.elasticsearch.transport_port = known.get("elasticsearch_transport", 0)

    def _choose_ports(self, absent: list[Engine]) -> None:
        """The engines about to start have ports that nobody else uses, remembered for their other users."""
        taken = {engine.port for engine in self.engines if engine not in absent}
        remembered = self._ports_path.exists()
        if self.cassandra in absent:
            self.cassandra.port = self._choose(
                self.settings.cassandra_port,
                DEFAULT_CASSANDRA_PORT,
                self.cassandra.port if remembered else None,
                taken,
                "CASSANDRA_PORT",
            )
            taken.add(self.cassandra.port)
            self.cassandra.storage_port = ports.free_port(taken)
            taken.add(self.cassandra.storage_port)
        if self.elasticsearch in absent:
            self.elasticsearch.port = self._choose(
                _port_of(self.settings.elastic_url),
                DEFAULT_ELASTIC_PORT,
                self.elasticsearch.port if remembered else None,
                taken,
                "ELASTIC_URL",
            )
            taken.add(self.elasticsearch.port)
            self.elasticsearch.transport_port = ports.free_port(taken)
        chosen = {
            "cassandra": self.cassandra.port,
            "cassandra_storage": self.cassandra.storage_port,
            "elasticsearch": self.elasticsearch.port,
            "elasticsearch_transport": self.elasticsearch.transport_port,
        }
        files.replace_text(self._ports_path, json.dumps(chosen))

    def _choose(self, wanted: int, default: int, remembered: int | None, taken: set[int], setting: str) -> int:
        # tests never take the well-known ports, which a developer's own `make run` may want a moment later
        if self.settings.profile == "test" and wanted == default:
            return remembered if remembered and ports.is_free(remembered) else ports.free_port(taken)
        port = ports.choose(wanted, default, remembered, taken, setting)
        if port not in (wanted, remembered):
            say(f"Port {wanted} is taken by another program; using {port} ({setting} sets another).")
        return port


def _port_of(url: str) -> int:
    from urllib.parse import urlsplit

    return urlsplit(url).port or DEFAULT_ELASTIC_PORT
