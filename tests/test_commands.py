"""`run.py` as a person starts it: a process of its own, on the test's engines, with a keyspace of its own."""

import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from app.env import Settings
from app.plugins.embedded_engines import ports

TOP = Path(__file__).resolve().parents[1]
START_SECONDS = 120


@pytest.fixture
def variables(settings: Settings, tmp_path: Path) -> dict[str, str]:
    """The environment of a run: nothing of the machine's settings but the running engines."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "PROFILE": "test",
        "ENGINES": "external",
        "CASSANDRA_HOSTS": ",".join(settings.cassandra_hosts),
        "CASSANDRA_PORT": str(settings.cassandra_port),
        "CASSANDRA_KEYSPACE": settings.cassandra_keyspace,
        "ELASTIC_URL": settings.elastic_url,
        "ELASTIC_INDEX_PREFIX": settings.elastic_index_prefix,
        "DATA_FOLDER": str(tmp_path),
        "PORT": str(ports.free_port()),
    }


def run_to_its_end(variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "run.py"], cwd=TOP, env=variables, capture_output=True, text=True, timeout=START_SECONDS
    )


def health(port: int) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def wait_for(condition, timeout_seconds: float) -> bool:
    give_up_at = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.2)
    return True


@contextmanager
def served(variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """run.py answers inside the block, in a process group of its own, as under a terminal."""
    output = Path(variables["DATA_FOLDER"]) / "output.txt"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "run.py"],
            cwd=TOP,
            env=variables,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        port = int(variables["PORT"])
        up = wait_for(lambda: process.poll() is not None or b"Ctrl-C stops" in output.read_bytes(), START_SECONDS)
        assert up and process.poll() is None and health(port) == 200, output.read_text()
        yield process
    finally:
        for left in group_of(process.pid):
            left.kill()
        process.wait()


def group_of(leader: int) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.Error):
            continue
    return found


def test_ctrl_c_stops_everything_and_says_so(variables: dict[str, str], stores: Settings, tmp_path: Path):
    with served(variables) as process:
        assert len(group_of(process.pid)) >= 3  # run.py, gunicorn's master, a worker
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(60) == 0
        assert group_of(process.pid) == []
    printed = (tmp_path / "output.txt").read_text()
    assert f"http://127.0.0.1:{variables['PORT']}/" in printed
    assert "Traceback" not in printed and printed.rstrip().endswith("Stopped.")
    assert ports.is_free(int(variables["PORT"]))


def test_the_web_server_ends_with_a_killed_run_py(variables: dict[str, str], stores: Settings):
    with served(variables) as process:
        process.kill()
        process.wait()
        assert wait_for(lambda: group_of(process.pid) == [], 30)


def test_a_killed_worker_is_replaced(variables: dict[str, str], stores: Settings):
    with served(variables) as process:
        master = psutil.Process(process.pid).children()[0]
        worker = master.children()[0]
        worker.kill()
        assert wait_for(lambda: [it.pid for it in master.children()] not in ([], [worker.pid]), 30)
        assert wait_for(lambda: health(int(variables["PORT"])) == 200, 60)


def test_made_up_secrets_are_kept_for_the_owner_alone(variables: dict[str, str], stores: Settings, tmp_path: Path):
    path = tmp_path / "development-secrets.json"
    path.write_text(json.dumps({"SECRET_KEY": "k" * 64}))
    with served(variables):
        pass
    kept = json.loads(path.read_text())
    assert kept["SECRET_KEY"] == "k" * 64
    assert len(kept["SANDBOX_WEBHOOK_SECRET"]) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"PORT": "many", "WEB_THREADS": "0"}, "Settings: PORT is not a number; WEB_THREADS must be above zero."),
        ({"ENGINES": "mine"}, "Settings: ENGINES must be embedded or external."),
        ({"DATA_FOLDER": str(TOP / "run.py")}, "choose another folder with DATA_FOLDER."),
        ({"CASSANDRA_PORT": "1", "ENGINES": "external"}, "Cassandra"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(variables: dict[str, str], change: dict[str, str], sentence: str):
    ended = run_to_its_end(variables | change)
    assert ended.returncode == 1
    assert sentence in ended.stderr and "Traceback" not in ended.stderr


def test_a_busy_port_is_told_before_anything_starts(variables: dict[str, str]):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(variables["PORT"])))
        other.listen()
        ended = run_to_its_end(variables)
    assert ended.returncode == 1
    assert ended.stderr.strip().endswith("set PORT to a free port.") and ended.stderr.count("\n") == 1
