"""Where a run takes place: the two engines, and catalogs of a wanted size in keyspaces of the run's own."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from cassandra.cluster import Cluster

from app.env import Settings, load_settings
from app.plugins import embedded_engines

from .servers import REPOSITORY, THREADS, WORKERS, WebServer


@dataclass
class Place:
    """Running engines, the folder of this run, and how big each catalog shall be."""

    settings: Settings
    folder: Path
    quick: bool
    versions: dict[str, str]
    waits_for_disk: bool
    _filled: dict[str, int]

    @property
    def turn_seconds(self) -> float:
        return 2 if self.quick else 5

    @property
    def rounds(self) -> int:
        return 3 if self.quick else 9

    def environ(self, keyspace: str) -> dict[str, str]:
        """What a process of the product needs to know to work on this keyspace."""
        settings = self.settings
        return {
            "PROFILE": "test",
            "ENGINES": "external",
            "CASSANDRA_HOSTS": ",".join(settings.cassandra_hosts),
            "CASSANDRA_PORT": str(settings.cassandra_port),
            "ELASTIC_URL": settings.elastic_url,
            "CASSANDRA_KEYSPACE": keyspace,
            "ELASTIC_INDEX_PREFIX": f"{keyspace}_",
            "SECRET_KEY": self._secret,
            "SANDBOX_WEBHOOK_SECRET": self._secret,
            "RATE_LIMIT_ENABLED": "false",
            "LOG_LEVEL": "WARNING",
            "LOG_JSON": "true",
            "DATA_FOLDER": str(self.folder / "data"),
            "WEB_WORKERS": str(WORKERS),
            "WEB_THREADS": str(THREADS),
        }

    _secret: str = secrets.token_hex(32)

    def catalog(self, keyspace: str, size: int) -> dict[str, str]:
        """A keyspace with `size` products, indexed and searchable, made once a run; returns its environment."""
        environ = self.environ(keyspace)
        if self._filled.get(keyspace) != size:
            print(f"  catalog {keyspace}: {size:,} items", flush=True)
            self.run("db.py", "--recreate", "--dev", environ=environ)
            self.run("-m", "benchmarks.contenders.fill", str(size), environ=environ)
            self.run("db.py", "--elastic", "--dev", environ=environ)
            self._filled[keyspace] = size
        return environ

    def run(self, *arguments: str, environ: Mapping[str, str]) -> str:
        """Run Python with these arguments in the repository; what it printed. Raises RuntimeError when it fails."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=REPOSITORY, env={**os.environ, **environ}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(
                f"{' '.join(arguments)} ended with {done.returncode}: {(done.stdout + done.stderr)[-1500:]}"
            )
        return done.stdout

    def server(self, application: str, name: str, ready_path: str, environ: Mapping[str, str]) -> WebServer:
        """A web server that is not running yet; `with` starts it."""
        return WebServer(application, dict(environ), self.folder / f"{name}.log", ready_path)

    def drop(self) -> None:
        """Remove what this run put into the engines."""
        with Cluster(list(self.settings.cassandra_hosts), port=self.settings.cassandra_port) as cluster:
            session = cluster.connect()
            for keyspace in self._filled:
                session.execute(f'DROP KEYSPACE IF EXISTS "{keyspace}"', timeout=120)
        for keyspace in self._filled:
            names = httpx.get(f"{self.settings.elastic_url}/{keyspace}_*", timeout=30).json()
            for name in names:
                httpx.delete(f"{self.settings.elastic_url}/{name}", timeout=60)


@contextmanager
def place(folder: Path, quick: bool, external: bool) -> Iterator[Place]:
    """Engines of this run's own, or those that the environment names when `external`; all made is removed after."""
    settings = replace(load_settings(), profile="test", data_folder=folder / "data")
    settings = replace(settings, engines="external" if external else "embedded")
    folder.mkdir(parents=True, exist_ok=True)
    with embedded_engines.running(settings) as endpoints:
        settings = endpoints.applied_to(settings)
        versions, waits = _facts(settings)
        made = Place(settings, folder, quick, versions, waits, {})
        try:
            yield made
        finally:
            made.drop()


def _facts(settings: Settings) -> tuple[dict[str, str], bool]:
    """The engines' versions, and whether Cassandra answers a write only after its log reached the disk."""
    with Cluster(list(settings.cassandra_hosts), port=settings.cassandra_port) as cluster:
        session = cluster.connect()
        cassandra = session.execute("SELECT release_version FROM system.local").one()[0]
        sync = session.execute("SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'").one()[0]
    nodes = httpx.get(f"{settings.elastic_url}/_nodes", timeout=10).json()["nodes"]
    elastic = next(iter(nodes.values()))["version"]
    return {"Cassandra": f"{cassandra} (commitlog_sync {sync})", "Elasticsearch": elastic}, sync != "periodic"
