"""Connections that stay with one worker of a server, and the server beside it that shares what workers know."""

import http.client
import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis

from app.plugins.embedded_engines import ports
from tests.faults.serving import Site, wait_for

OPEN_WITHIN_SECONDS = 90.0
OPENED_AT_ONCE = 24


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def data(self) -> Any:
        return json.loads(self.text)["data"]

    @property
    def code(self) -> str:
        return json.loads(self.text)["error"]["code"]


class Caller:
    """One connection kept open, and so one worker. address: where the proxy in front says that it comes from."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.connection = http.client.HTTPConnection("127.0.0.1", site.settings.port, timeout=60)
        self.connection.connect()

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str = "", address: str = "192.0.2.1", key: str = ""
    ) -> Answer:
        headers = {"X-Forwarded-For": address, "Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if key:
            headers["Idempotency-Key"] = key
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read().decode())

    @property
    def worker(self) -> int:
        """The process at the other end; 0 while none has accepted."""
        return worker_of(self.site, self.connection.sock.getsockname()[1])

    def close(self) -> None:
        self.connection.close()


def worker_of(site: Site, client_port: int) -> int:
    """The process id of the worker that holds the connection from this port; 0: none does."""
    for process in site.processes()[1:]:
        for held in process.net_connections(kind="tcp"):
            if held.raddr and held.raddr.port == client_port and held.laddr.port == site.settings.port:
                return process.pid
    return 0


@contextmanager
def one_each(site: Site) -> Iterator[list[Caller]]:
    """A connection to every worker, inside the block."""
    found: dict[int, Caller] = {}
    end = time.monotonic() + OPEN_WITHIN_SECONDS
    while len(found) < site.settings.web_workers:
        assert time.monotonic() < end, f"only {len(found)} workers take connections"
        opened = [Caller(site) for _ in range(OPENED_AT_ONCE)]
        for caller in opened:
            caller.ask("GET", "/health")
        for caller in opened:
            if found.setdefault(caller.worker, caller) is not caller:
                caller.close()
    try:
        yield list(found.values())
    finally:
        for caller in found.values():
            caller.close()


@contextmanager
def redis_server(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A Redis of our own, and its address without the number of a database."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.fail("redis-server is missing: apt-get install redis-server, as .ci/run does")
    port = ports.free_port()
    kept_nowhere = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    child = subprocess.Popen(
        [binary, "--port", str(port), "--bind", "127.0.0.1", *kept_nowhere], stdout=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: _answers(port), 20)
        yield f"redis://127.0.0.1:{port}", psutil.Process(child.pid)
    finally:
        child.kill()
        child.wait()


def _answers(port: int) -> bool:
    try:
        return bool(redis.Redis(port=port).ping())
    except redis.RedisError:
        return False
