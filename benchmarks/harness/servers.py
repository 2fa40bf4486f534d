"""A web server of its own for each contender: the same gunicorn settings, a free port, stopped at the end."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from .measure import cpu_seconds

WORKERS = 2
THREADS = 8
REPOSITORY = Path(__file__).resolve().parents[2]


class ServerDidNotStart(Exception):
    """The server ended, or did not answer in time; the message holds the end of its log."""


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class WebServer:
    """One gunicorn (gthread) with the settings both contenders share; use as a context manager."""

    application: str
    environ: dict[str, str]
    log: Path
    ready_path: str
    python: str = sys.executable
    folder: Path = REPOSITORY
    workers: int = WORKERS
    threads: int = THREADS
    port: int = 0
    _process: subprocess.Popen | None = None

    def __enter__(self) -> "WebServer":
        self.port = self.port or free_port()
        command = [
            self.python, "-m", "gunicorn", self.application, "--bind", f"127.0.0.1:{self.port}",
            "--worker-class", "gthread", "--workers", str(self.workers), "--threads", str(self.threads),
            "--keep-alive", "60", "--timeout", "120", "--log-level", "warning",
        ]  # fmt: skip
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, env={**os.environ, **self.environ, "PORT": str(self.port)},
                stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def cpu_seconds(self) -> float:
        return cpu_seconds([self.pid])

    def stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    def _wait(self, seconds: float = 60.0) -> None:
        assert self._process is not None
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(self.url + self.ready_path, timeout=10):
                    return
            except urllib.error.HTTPError as answer:
                if answer.code < 500:
                    return
            except OSError:
                pass
            time.sleep(0.2)
        raise ServerDidNotStart(f"{self.application}: {self.log.read_text(errors='replace')[-1500:]}")
