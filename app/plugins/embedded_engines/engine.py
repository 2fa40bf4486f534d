"""What both engines have in common: a folder, a process, a record, a way to tell that it is ready."""

import json
import os
import time
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from app.plugins.embedded_engines import processes
from app.plugins.embedded_engines.console import say
from app.plugins.embedded_engines.errors import EnginesError
from app.plugins.embedded_engines.files import replace_text
from app.plugins.embedded_engines.processes import Recorded

POLL_SECONDS = 0.2


@dataclass(frozen=True)
class EngineStatus:
    """One engine as `status` reports it. `state` is "ready", "starting" or "stopped"; `pid` None when stopped."""

    name: str
    state: str
    pid: int | None
    host: str
    port: int
    folder: Path
    log: Path


class Engine(ABC):
    """One server on this machine, living in `folder` and listening on `host` only."""

    name: str
    ready_seconds = 120.0
    stop_seconds = 30.0

    def __init__(self, folder: Path, cache_folder: Path, heap_mib: int, host: str = "127.0.0.1") -> None:
        self.folder = folder
        self.cache_folder = cache_folder
        self.heap_mib = heap_mib
        self.host = host
        self.port = 0

    @property
    def marker(self) -> str:
        """An argument that only this engine's process has."""
        return f"-Dmarketplace.engine={self.folder}"

    @property
    def console_log(self) -> Path:
        """What the process printed since its last start; the engine's own log is beside it."""
        return self.folder / "logs" / "console.log"

    @property
    @abstractmethod
    def log(self) -> Path:
        """The engine's own log: rotated, bounded."""

    @abstractmethod
    def command(self, jars: list[Path]) -> list[str]:
        """Configuration is written into the folder; returns the command that starts the server."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether the server answers a question of its own protocol now."""

    @abstractmethod
    def fetch(self) -> list[Path]:
        """The engine's jars, from the cache or the network."""

    # the process

    @property
    def _record_path(self) -> Path:
        return self.folder / "process.json"

    def _record(self) -> Recorded | None:
        try:
            return Recorded(**json.loads(self._record_path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def process(self) -> psutil.Process | None:
        """The running process of this folder, whoever started it; None when there is none."""
        return processes.living(self._record(), self.marker) or processes.find_marked(self.marker)

    def ending(self) -> str | None:
        """How the engine ended, with the end of its log; None while it runs."""
        record = self._record()
        how = processes.reap(record.pid) if record else None
        if how is None and self.process() is not None:
            return None
        return f"{self.name} ended{f' ({how})' if how else ''}.\n{self.log_tail()}"

    def launch(self) -> None:
        """The server's process is started and recorded; it is not ready yet. Raises EnginesError."""
        jars = self.fetch()
        self.folder.mkdir(parents=True, exist_ok=True)
        child = processes.spawn(self.command(jars), self.console_log, _clean_environment())
        record = processes.record_of(child.pid)
        if record is not None:
            replace_text(self._record_path, json.dumps(asdict(record)))

    def wait_until_ready(self) -> None:
        """The server answers. Raises EnginesError with the end of its log when it dies or takes too long."""
        give_up_at = time.monotonic() + self.ready_seconds
        while not self.is_ready():
            if (ending := self.ending()) is not None:
                raise EnginesError(f"While starting, {ending}")
            if time.monotonic() > give_up_at:
                self.stop()
                raise EnginesError(
                    f"{self.name} did not answer within {self.ready_seconds:.0f} seconds.\n{self.log_tail()}"
                )
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """The server is not running. Its data stay."""
        process = self.process()
        if process is not None and not processes.stop(process, self.stop_seconds):
            say(f"{self.name} did not stop in {self.stop_seconds:.0f} seconds and was killed; its data are safe.")
        self._record_path.unlink(missing_ok=True)

    def kill(self) -> None:
        """The server died this instant, as by `kill -9`; for tests of faults."""
        process = self.process()
        if process is not None:
            processes.kill(process)

    def restart(self) -> None:
        """The server runs and answers, on the port it had."""
        self.stop()
        self.launch()
        self.wait_until_ready()

    def status(self) -> EngineStatus:
        """How the engine is now."""
        process = self.process()
        state = "stopped" if process is None else "ready" if self.is_ready() else "starting"
        pid = process.pid if process else None
        return EngineStatus(self.name, state, pid, self.host, self.port, self.folder, self.log)

    def log_tail(self) -> str:
        """The last lines the engine wrote and printed, with the files they are from."""
        tails = [(path, processes.tail(path)) for path in (self.log, self.console_log)]
        shown = [f"The end of {path}:\n{text}" for path, text in tails if text]
        return "\n".join(shown) or f"It wrote nothing to {self.console_log}."


def _clean_environment() -> dict[str, str]:
    """What an engine needs of our environment: no secrets of the application, no Java options of the machine."""
    return {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ") if name in os.environ}
