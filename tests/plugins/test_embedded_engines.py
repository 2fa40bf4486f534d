"""The embedded engines, really started: shared, killed, taken over, stopped. One data folder for the module."""

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from cassandra.cluster import Cluster
from elasticsearch import Elasticsearch

from app.env import Settings, load_settings
from app.plugins import embedded_engines
from app.plugins.embedded_engines import Endpoints, EnginePair, EnginesError, memory, ports, processes
from app.plugins.embedded_engines.processes import Recorded

TOP = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory):
    given = {
        "PROFILE": "test",
        "DATA_FOLDER": str(tmp_path_factory.mktemp("engines")),
        "CASSANDRA_HEAP_MIB": "512",
        "ELASTIC_HEAP_MIB": "256",
        "CACHE_FOLDER": str(load_settings().cache_folder),
    }
    settings = load_settings(given)
    yield settings
    pair = EnginePair(settings)
    with pair.turn():
        pair.stop()


@pytest.fixture(scope="module")
def stayed(settings: Settings) -> Settings:
    """The engines run and stay after each user, as after `db.py --engines start`."""
    embedded_engines.start(settings)
    return settings


def pids(settings: Settings) -> list[int | None]:
    return [engine.pid for engine in embedded_engines.status(settings)]


def states(settings: Settings) -> list[str]:
    return [engine.state for engine in embedded_engines.status(settings)]


def write(endpoints: Endpoints, rows: range) -> None:
    """Each row is acknowledged by both engines."""
    with Cluster(endpoints.cassandra_hosts, port=endpoints.cassandra_port) as cluster:
        session = cluster.connect()
        session.execute(
            "CREATE KEYSPACE IF NOT EXISTS kept WITH replication={'class':'SimpleStrategy','replication_factor':1}"
        )
        session.execute("CREATE TABLE IF NOT EXISTS kept.row (id int PRIMARY KEY)")
        for row in rows:
            session.execute("INSERT INTO kept.row (id) VALUES (%s)", [row])
    with Elasticsearch(endpoints.elastic_url) as search:
        for row in rows:
            search.index(index="kept", id=str(row), document={"row": row})


def stored(endpoints: Endpoints) -> tuple[set[int], int]:
    with Cluster(endpoints.cassandra_hosts, port=endpoints.cassandra_port) as cluster:
        in_cassandra = {row.id for row in cluster.connect("kept").execute("SELECT id FROM row")}
    with Elasticsearch(endpoints.elastic_url) as search:
        search.indices.refresh(index="kept")
        return in_cassandra, search.count(index="kept")["count"]


def test_engines_are_shared_and_stay_while_somebody_uses_them(stayed: Settings):
    first = pids(stayed)
    assert states(stayed) == ["ready", "ready"]
    with embedded_engines.running(stayed) as endpoints:
        with embedded_engines.running(stayed) as same:
            assert same == endpoints and pids(stayed) == first
        with pytest.raises(EnginesError, match=f"in use by .*process {os.getpid()}"):
            embedded_engines.stop(stayed)
        embedded_engines.start(stayed)
    assert pids(stayed) == first


def test_they_listen_on_the_loopback_address_only(stayed: Settings):
    for pid in pids(stayed):
        listening = [it for it in psutil.Process(pid).net_connections("inet") if it.status == "LISTEN"]
        assert listening
        assert {it.laddr.ip.removeprefix("::ffff:") for it in listening} == {"127.0.0.1"}


def test_acknowledged_writes_survive_kill_9_of_both_engines(stayed: Settings):
    with embedded_engines.running(stayed) as endpoints:
        write(endpoints, range(200))
        for engine in EnginePair(stayed).engines:
            engine.kill()
        reports = [report.splitlines()[0] for report in embedded_engines.fallen(stayed)]
        assert [report.split(" (")[0].rstrip(".") for report in reports] == ["cassandra ended", "elasticsearch ended"]
        assert embedded_engines.revive(stayed) == endpoints
        assert stored(endpoints) == (set(range(200)), 200)
        assert embedded_engines.fallen(stayed) == []


def test_two_data_folders_run_side_by_side(stayed: Settings, tmp_path: Path):
    other = replace(stayed, data_folder=tmp_path)
    with embedded_engines.running(stayed) as here, embedded_engines.running(other) as there:
        assert len({here.cassandra_port, there.cassandra_port, here.elastic_url, there.elastic_url}) == 4
        assert not set(pids(stayed)) & set(pids(other))
        write(there, range(3))
    assert states(stayed) + states(other) == ["ready", "ready", "stopped", "stopped"]


def test_started_to_stay_they_stop_by_stop_and_keep_their_data(stayed: Settings):
    embedded_engines.stop(stayed)
    assert states(stayed) == ["stopped", "stopped"]
    embedded_engines.stop(stayed)


def test_a_killed_user_leaves_engines_that_the_next_takes_over_and_stops(settings: Settings):
    program = (
        "import time; from app.env import load_settings; from app.plugins import embedded_engines\n"
        "with embedded_engines.running(load_settings()): print('up', flush=True); time.sleep(600)"
    )
    environment = os.environ | {
        "PROFILE": "test",
        "DATA_FOLDER": str(settings.data_folder),
        "CASSANDRA_HEAP_MIB": "512",
        "ELASTIC_HEAP_MIB": "256",
        "ENGINES": "embedded",
    }
    user = subprocess.Popen(
        [sys.executable, "-c", program], cwd=TOP, env=environment, stdout=subprocess.PIPE, start_new_session=True
    )
    assert user.stdout is not None and user.stdout.readline() == b"up\n"
    left = pids(settings)
    os.killpg(user.pid, signal.SIGKILL)
    user.wait()
    user.stdout.close()
    assert all(psutil.pid_exists(pid) for pid in left if pid)
    with embedded_engines.running(settings) as endpoints:
        assert pids(settings) == left
        assert stored(endpoints) == (set(range(200)), 200)
    assert states(settings) == ["stopped", "stopped"]


def test_a_record_of_another_program_s_process_is_recognised_as_stale(settings: Settings):
    engine = EnginePair(settings).cassandra
    mine = processes.record_of(os.getpid())
    assert mine is not None
    record = engine.folder / "process.json"
    record.write_text(json.dumps({"pid": mine.pid, "started_at": mine.started_at}))
    assert engine.process() is None
    engine.stop()
    assert psutil.pid_exists(os.getpid()) and not record.exists()


def test_a_process_that_began_at_another_time_is_another_process():
    mine = processes.record_of(os.getpid())
    assert mine is not None
    marker = psutil.Process().cmdline()[0]
    assert processes.living(mine, marker) is not None
    assert processes.living(Recorded(mine.pid, mine.started_at - 60), marker) is None
    assert processes.living(mine, "no such argument") is None
    assert processes.living(None, marker) is None


def test_a_process_whose_program_is_still_being_loaded_lives(monkeypatch: pytest.MonkeyPatch):
    """Some starts in a hundred are caught at that moment when the machine is busy."""
    mine = processes.record_of(os.getpid())
    assert mine is not None
    monkeypatch.setattr(psutil.Process, "cmdline", lambda process: [])
    assert processes.living(mine, "not seen yet") is not None
    assert processes.living(Recorded(mine.pid, mine.started_at - 60), "not seen yet") is None


def test_an_engine_that_cannot_start_shows_why_and_leaves_nothing(settings: Settings, tmp_path: Path):
    apart = replace(settings, data_folder=tmp_path / "apart")
    spoilt = tmp_path / "apart" / "engines" / "cassandra" / "commitlog"
    spoilt.parent.mkdir(parents=True)
    spoilt.write_text("a file where a folder belongs")
    with pytest.raises(EnginesError, match="cassandra ended") as refused, embedded_engines.running(apart):
        pass
    assert "commitlog" in str(refused.value)
    assert states(apart) == ["stopped", "stopped"]


def test_too_little_memory_is_told_before_anything_starts(settings: Settings, tmp_path: Path):
    huge = replace(settings, data_folder=tmp_path, cassandra_heap_mib=10_000_000)
    with pytest.raises(EnginesError, match="lower CASSANDRA_HEAP_MIB") as refused, embedded_engines.running(huge):
        pass
    assert "\n" not in str(refused.value)
    assert states(huge) == ["stopped", "stopped"]


def test_a_data_folder_that_cannot_be_written_to_is_named(settings: Settings, tmp_path: Path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(EnginesError, match="DATA_FOLDER"),
        embedded_engines.running(replace(settings, data_folder=tmp_path / "file")),
    ):
        pass


def test_external_engines_are_neither_started_nor_stopped(settings: Settings):
    theirs = replace(settings, engines="external", cassandra_hosts=("c1", "c2"), elastic_url="https://e:9200")
    with embedded_engines.running(theirs) as endpoints:
        assert endpoints == Endpoints(("c1", "c2"), settings.cassandra_port, "https://e:9200")
    with pytest.raises(EnginesError, match="external"):
        embedded_engines.stop(theirs)


def test_room_is_what_is_available():
    memory.ensure_room({"small": 1})
    memory.ensure_room({"all": memory.available_mib() - 200})
    with pytest.raises(EnginesError, match="one and two need"):
        memory.ensure_room({"one": memory.available_mib(), "two": 500})


@pytest.fixture
def busy_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_an_ordered_port_that_is_taken_is_refused(busy_port: int):
    with pytest.raises(EnginesError, match=f"Port {busy_port} is taken .* CASSANDRA_PORT"):
        ports.choose(busy_port, 9042, None, (), "CASSANDRA_PORT")


def test_the_default_port_gives_way_when_it_is_taken(busy_port: int):
    chosen = ports.choose(busy_port, busy_port, None, (), "CASSANDRA_PORT")
    assert chosen in ports.CHOICE and ports.is_free(chosen)


def test_the_remembered_port_is_kept_while_it_is_free(busy_port: int):
    free = ports.free_port()
    assert ports.choose(busy_port, busy_port, free, (), "X") == free
    assert ports.choose(free, free, busy_port, (), "X") == free
    assert ports.choose(free, free, None, (free,), "X") != free
