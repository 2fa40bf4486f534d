"""One engine's operating-system process: started on its own, recognised again, and stopped.

A process id alone says little: after a crash the same number may belong to another program. A recorded engine is
recognised by its id, its start time and the marker among its arguments, all three.
"""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.plugins.embedded_engines.errors import EnginesError

START_TIME_TOLERANCE_SECONDS = 2.0
LOG_TAIL_LINES = 15


@dataclass(frozen=True)
class Recorded:
    """A started engine as its data folder remembers it. `started_at` is in seconds since 1970."""

    pid: int
    started_at: float


def spawn(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """The command runs in a session of its own (a Ctrl-C in our terminal does not reach it), printing to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        try:
            return subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                env=dict(environment),
                start_new_session=True,
            )
        except OSError as fault:
            raise EnginesError(f"{command[0]} could not be started ({fault.strerror}).") from fault


def record_of(pid: int) -> Recorded | None:
    """What to remember of the process `pid`, or None when it has ended."""
    try:
        return Recorded(pid, psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def living(record: Recorded | None, marker: str) -> psutil.Process | None:
    """The recorded process if it still runs and is the one that was recorded.

    In the moment after its start, while the system still loads the program, a process shows no arguments at all.
    """
    if record is None:
        return None
    try:
        process = psutil.Process(record.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            reap(record.pid)
            return None
        same_start = abs(process.create_time() - record.started_at) <= START_TIME_TOLERANCE_SECONDS
        arguments = process.cmdline()
        return process if same_start and (marker in arguments or not arguments) else None
    except psutil.Error:
        return None


def find_marked(marker: str) -> psutil.Process | None:
    """A running process with `marker` among its arguments: an engine whose record was lost."""
    for process in psutil.process_iter(["cmdline"]):
        if process.pid != os.getpid() and marker in (process.info["cmdline"] or []):
            with contextlib.suppress(psutil.Error):
                if process.status() != psutil.STATUS_ZOMBIE:
                    return process
    return None


def stop(process: psutil.Process, patience_seconds: float) -> bool:
    """The process has ended. It is asked with SIGTERM, and after `patience_seconds` made to.

    Returns whether it went by itself.
    """
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGTERM)
    if _wait(process, patience_seconds):
        return True
    kill(process)
    return False


def kill(process: psutil.Process) -> None:
    """The process has ended at once, without a chance to tidy up (SIGKILL)."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()
    if not _wait(process, 20):
        raise EnginesError(f"Process {process.pid} does not end, not even by SIGKILL.")


def _wait(process: psutil.Process, timeout_seconds: float) -> bool:
    try:
        process.wait(timeout_seconds)
    except psutil.TimeoutExpired:
        return False
    except psutil.NoSuchProcess:
        pass
    return True


def reap(pid: int) -> str | None:
    """A dead child leaves the process table; returns how it ended. None when it lives or is not our child."""
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except OSError:
        return None
    if not ended:
        return None
    code = os.waitstatus_to_exitcode(status)
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


def tail(path: Path, lines: int = LOG_TAIL_LINES) -> str:
    """The last lines of a log, or nothing when there is no log."""
    try:
        with path.open("rb") as content:
            content.seek(0, os.SEEK_END)
            content.seek(max(0, content.tell() - 64 * 1024))
            return "\n".join(content.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
