"""The product as processes of its own, on stores of its own, that a test may kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import httpx
import psutil

from app import commands
from app.env import Settings, load_settings
from app.plugins.embedded_engines import ports
from app.plugins.web_server import WebServer
from tests.conftest import TEST_VALUES
from tests.faults.dying_process import environment

TOP = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
COMMAND_SECONDS = 900.0

cassandra_store = import_module("app.plugins.cassandra_cqlengine.store")


class Site:
    """gunicorn with the whole application, scheduler included, as run.py starts it."""

    def __init__(self, settings: Settings) -> None:
        port = ports.free_port()
        self.settings = replace(settings, port=port, scheduler_enabled=True, engines="external")
        self.address = f"http://127.0.0.1:{port}"
        self.server = WebServer(TOP, "127.0.0.1", port)

    def start(self) -> None:
        """The site answers."""
        self.server.start(environment(self.settings))
        self.server.wait_until_ready(START_SECONDS)

    def processes(self) -> list[psutil.Process]:
        """The master, then its workers."""
        child = self.server._process
        if child is None or child.poll() is not None:
            return []
        master = psutil.Process(child.pid)
        return [master, *master.children(recursive=True)]

    def kill(self) -> None:
        """kill -9: master and workers are gone in the same instant."""
        victims = self.processes()
        for victim in victims:
            victim.send_signal(signal.SIGKILL)
        psutil.wait_procs(victims[1:], timeout=30)
        if self.server._process is not None:
            self.server._process.wait(30)

    def kill_worker(self) -> None:
        """kill -9 of the workers only; the master starts others."""
        for worker in self.processes()[1:]:
            worker.kill()

    def wait_until_ready(self, seconds: float = 90.0) -> None:
        """`/ready` says that it can sell: both engines, the mirror, the scheduler."""
        wait_for(lambda: self._ready_status() == 200, seconds, lambda: f"/ready: {self._ready_text()}")

    def _ready_status(self) -> int:
        try:
            return httpx.get(f"{self.address}/ready", timeout=30).status_code
        except httpx.TransportError:
            return 0

    def _ready_text(self) -> str:
        try:
            return httpx.get(f"{self.address}/ready", timeout=30).text
        except httpx.TransportError as fault:
            return repr(fault)


def wait_for(condition: Callable[[], object], seconds: float, explain: Callable[[], object] = lambda: "") -> float:
    """The seconds it took until the condition held. Fails after `seconds`."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > seconds:
            raise AssertionError(f"not within {seconds:.0f} s: {explain()}")
        time.sleep(0.2)
    return time.monotonic() - begun


@contextmanager
def served(settings: Settings) -> Iterator[Site]:
    """A site answers inside the block and is stopped after it."""
    site = Site(settings)
    try:
        site.start()
        yield site
    finally:
        site.server.stop()


@contextmanager
def connected(settings: Settings) -> Iterator[Settings]:
    """This process's own stores are those of `settings` inside the block, and what they were before after it."""
    before = cassandra_store._current.settings if cassandra_store._current is not None else None
    commands.connect(settings)
    try:
        yield settings
    finally:
        if before is not None:
            commands.connect(before)


def db(settings: Settings, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The real `db.py` has run to its end on these stores."""
    given = environment(replace(settings, engines="external")) | environ
    return subprocess.run(
        [sys.executable, "db.py", *arguments],
        cwd=TOP,
        env={name: text for name, text in given.items() if text},
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
    )


def verified(settings: Settings) -> str:
    """What `db.py --verify` printed; it found both stores equal (exit code 0)."""
    ended = db(settings, "--verify")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def made(settings: Settings) -> Settings:
    """Empty stores with all tables and indexes stand, made by db.py."""
    ended = db(settings, "--recreate")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return settings


def removed(settings: Settings) -> None:
    """Nothing is left of these stores. The process is connected to them."""
    from app.plugins.cassandra_cqlengine import management
    from app.plugins.cassandra_cqlengine_elastic import indexes

    management.drop_keyspace()
    indexes.delete_indexes()


def embedded_settings(folder: Path, **values: str) -> Settings:
    """Settings of a test run whose embedded engines live in `folder`, apart from the suite's own."""
    kept = {name: os.environ[name] for name in ("CACHE_FOLDER", "XDG_CACHE_HOME") if os.environ.get(name)}
    given = {"CASSANDRA_HEAP_MIB": "768", "ELASTIC_HEAP_MIB": "512", "DATA_FOLDER": str(folder)}
    return load_settings(TEST_VALUES | given | kept | values)


def own_stores(settings: Settings, name: str, folder: Path) -> Settings:
    """The same engines, with a keyspace, indexes and files of their own."""
    return replace(
        settings,
        cassandra_keyspace=f"{settings.cassandra_keyspace}_{name}"[:48],
        elastic_index_prefix=f"{settings.elastic_index_prefix}{name}_",
        data_folder=folder,
        mirror_intent_settle_seconds=1.0,
        scheduler_lease_seconds=5,
        argon2_memory_kib=64,
        argon2_iterations=1,
        web_threads=16,
        log_level=os.environ.get("LOG_LEVEL", "WARNING"),
    )
