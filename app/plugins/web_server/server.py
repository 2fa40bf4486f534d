"""The web server's master process, as run.py sees it. What gunicorn itself is told is in deploy/gunicorn.conf.py."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

CONFIGURATION = Path("deploy") / "gunicorn.conf.py"
# gunicorn gives its workers 10 seconds to finish what they answer (deploy/gunicorn.conf.py)
STOP_SECONDS = 25.0
POLL_SECONDS = 0.2


class WebServerError(Exception):
    """The web server cannot be started; the message is a sentence for the person at the terminal."""


class WebServer:
    """One gunicorn on `host`:`port`, run from `folder` (the top of the source tree)."""

    def __init__(self, folder: Path, host: str, port: int) -> None:
        self.folder = folder
        self.host = host
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    def ensure_port_free(self) -> None:
        """Nobody else listens on the address. Raises WebServerError."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as fault:
                raise WebServerError(
                    f"{self.host}:{self.port} cannot be listened on ({fault.strerror}); set PORT to a free port."
                ) from fault

    def start(self, environment: Mapping[str, str]) -> None:
        """gunicorn is started. It ends by itself if this process dies without stopping it."""
        command = [sys.executable, "-m", "gunicorn", "--config", str(CONFIGURATION), "run:application()"]
        supervised = {**environment, "SUPERVISOR_PID": str(os.getpid())}
        self._process = subprocess.Popen(command, cwd=self.folder, env=supervised, stdin=subprocess.DEVNULL)

    def exit_code(self) -> int | None:
        """None while gunicorn runs."""
        return self._process.poll() if self._process else None

    def wait_until_ready(self, timeout_seconds: float) -> None:
        """`/health` answers 200. Raises WebServerError when gunicorn ends first or takes too long."""
        give_up_at = time.monotonic() + timeout_seconds
        while not self._answers():
            if (code := self.exit_code()) is not None:
                raise WebServerError(f"The web server ended while starting (exit code {code}); its output is above.")
            if time.monotonic() > give_up_at:
                raise WebServerError(f"The web server did not answer within {timeout_seconds:.0f} seconds.")
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """gunicorn has ended; requests under way were answered first, as far as its grace time went."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        connection = http.client.HTTPConnection(host, self.port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
