"""A PostgreSQL server of its own: fresh data folder, free port, 127.0.0.1 only, stopped and removed at the end."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..harness.servers import free_port

# Whether a commit waits for the disk is set to what the Cassandra beside it does (see `postgres`).
SETTINGS = {
    "shared_buffers": "512MB",
    "max_connections": "100",
    "wal_compression": "on",
    "max_wal_size": "4GB",
}


class PostgresMissing(Exception):
    """No PostgreSQL server programs were found; the message names the package."""


@dataclass(frozen=True)
class Postgres:
    """Where the server listens, and its process id for the CPU accounts."""

    port: int
    pid: int
    version: str


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise PostgresMissing("PostgreSQL is missing: install the Debian package postgresql.")
    return found[-1].parent


def _account() -> int | None:
    """PostgreSQL refuses to run as root, so root hands the server to the package's own account."""
    return pwd.getpwnam("postgres").pw_uid if os.geteuid() == 0 else None


@contextmanager
def postgres(waits_for_disk: bool) -> Iterator[Postgres]:
    """A running server with an empty database `shop` of user `shop`.

    waits_for_disk: a commit is answered after its log reached the disk, PostgreSQL's default. Raises PostgresMissing.
    """
    programs, account, port = _programs(), _account(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="bench-postgres-", dir="/tmp"))
    data = folder / "data"
    if account is not None:
        os.chown(folder, account, -1)

    def run(*command: str) -> None:
        done = subprocess.run(command, user=account, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{Path(command[0]).name} ended with {done.returncode}: {done.stderr[-800:]}")

    run(str(programs / "initdb"), "-D", str(data), "-U", "shop", "--auth=trust", "--encoding=UTF8", "--locale=C")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    settings = {**SETTINGS, "synchronous_commit": "on" if waits_for_disk else "off"}
    options += "".join(f" -c {name}={value}" for name, value in settings.items())
    log = folder / "log"
    try:
        run(str(programs / "pg_ctl"), "-D", str(data), "-l", str(log), "-w", "-o", options, "start")
        run(str(programs / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "shop", "shop")
        yield Postgres(port, int((data / "postmaster.pid").read_text().split()[0]), programs.parent.name)
    finally:
        if (data / "postmaster.pid").exists():
            run(str(programs / "pg_ctl"), "-D", str(data), "-w", "-m", "fast", "stop")
        shutil.rmtree(folder, ignore_errors=True)
