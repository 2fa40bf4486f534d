"""Several real scheduler processes on one Cassandra: each firing runs once, whoever dies or sleeps."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.plugins.apscheduler import JobRun, read_lease
from app.plugins.cassandra_cqlengine import store

from .scheduler_process import TICK_SECONDS

LEASE_SECONDS = 3
PROJECT = Path(__file__).parents[2]


class Processes:
    """Scheduler processes and what they noted."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder, self.environ = folder, environ
        self.running: dict[str, subprocess.Popen] = {}

    def start(self, name: str, *jobs: str) -> None:
        self.running[name] = subprocess.Popen(
            [sys.executable, "-m", "tests.jobs.scheduler_process", str(self.folder), name, *jobs],
            cwd=PROJECT,
            env=self.environ,
        )

    def lines(self, file: str) -> list[list[str]]:
        path = self.folder / file
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    def wait(self, is_so, seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < end, f"not within {seconds} s; noted: {self.lines('runs.txt')[-3:]}"
            time.sleep(0.05)

    def end(self) -> None:
        for process in self.running.values():
            process.send_signal(signal.SIGCONT)
        (self.folder / "end").touch()
        for process in self.running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture
def processes(tmp_path, stores):
    for table in ("scheduler_lease", "scheduler_claim", "job_run"):
        store().session.execute(f"TRUNCATE {table}")
    environ = os.environ | {
        "CASSANDRA_HOSTS": ",".join(stores.cassandra_hosts),
        "CASSANDRA_PORT": str(stores.cassandra_port),
        "CASSANDRA_KEYSPACE": stores.cassandra_keyspace,
        "SCHEDULER_LEASE_SECONDS": str(LEASE_SECONDS),
    }
    group = Processes(tmp_path, environ)
    yield group
    group.end()


def test_three_schedulers_twenty_firings_twenty_runs(processes):
    for name in ("a", "b", "c"):
        processes.start(name, "tick")
    processes.wait(lambda: len(processes.lines("ready.txt")) == 3 and processes.lines("runs.txt"))
    first = len(processes.lines("runs.txt"))
    processes.wait(lambda: len(processes.lines("runs.txt")) >= first + 20)
    runs = processes.lines("runs.txt")[first : first + 20]
    start = datetime.fromisoformat(runs[0][0])
    expected = [(start + timedelta(seconds=TICK_SECONDS * n)).isoformat() for n in range(20)]
    assert [firing for firing, _, _ in runs] == expected
    assert len({name for _, name, _ in runs}) == 1  # one leader, nobody died


def test_a_killed_leader_is_replaced_within_one_lease_and_no_firing_runs_twice(processes):
    for name in ("a", "b", "c"):
        processes.start(name, "tick")
    processes.wait(lambda: len(processes.lines("ready.txt")) == 3 and processes.lines("runs.txt"))
    leader = processes.lines("runs.txt")[-1][1]
    killed_at = time.monotonic()
    processes.running.pop(leader).kill()
    processes.wait(lambda: processes.lines("runs.txt")[-1][1] != leader)
    assert time.monotonic() - killed_at < LEASE_SECONDS + 0.75  # 0.75: one tick and the look of this test
    processes.wait(lambda: len([run for run in processes.lines("runs.txt") if run[1] != leader]) >= 5)
    runs = processes.lines("runs.txt")
    assert set(Counter(firing for firing, _, _ in runs).values()) == {1}
    assert [int(fence) for _, _, fence in runs] == sorted(int(fence) for _, _, fence in runs)
    assert read_lease().fence == 2


def test_a_leader_that_slept_past_its_lease_does_no_second_run_and_its_late_write_is_refused(processes):
    processes.start("a", "slow", "tick")
    processes.wait(lambda: processes.lines("slow.txt") and processes.lines("runs.txt"))
    processes.running["a"].send_signal(signal.SIGSTOP)
    processes.start("b", "slow", "tick")
    processes.wait(lambda: ["written", "b", "2"] in processes.lines("slow.txt"))
    (processes.folder / "go").touch()
    processes.running["a"].send_signal(signal.SIGCONT)
    processes.wait(lambda: len(processes.lines("slow.txt")) == 4)
    assert processes.lines("slow.txt") == [
        ["started", "a", "1"],
        ["started", "b", "2"],
        ["written", "b", "2"],
        ["refused", "a", "1"],
    ]
    seen = len(processes.lines("runs.txt"))
    processes.wait(lambda: len(processes.lines("runs.txt")) >= seen + 4)
    runs = processes.lines("runs.txt")
    assert set(Counter(firing for firing, _, _ in runs).values()) == {1}
    assert {name for _, name, _ in runs[-4:]} == {"b"}
    firing = JobRun.objects(job="slow", scheduled_on=datetime.fromisoformat(runs[-1][0]).date()).all()
    assert {(run.fence, run.outcome) for run in firing} == {(1, "fenced_off"), (2, "succeeded")}


def test_a_scheduler_that_ends_frees_the_lease_at_once(processes):
    processes.start("a", "tick")
    processes.wait(lambda: processes.lines("runs.txt"))
    processes.end()
    assert read_lease().holder is None
