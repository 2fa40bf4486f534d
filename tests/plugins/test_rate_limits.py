"""Counting by process, and what becomes of counting while Redis is away."""

import time

import pytest

from app.plugins import rate_limits
from app.plugins.embedded_engines import ports
from app.plugins.rate_limits import ProcessCounter, SharedCounter


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is moved: `clock[0] += 1`."""
    now = [1_000_000.0 * 60]
    monkeypatch.setattr(rate_limits.time, "time", lambda: now[0])
    return now


def test_a_process_counts_each_client_for_itself_until_the_window_ends(clock):
    counter = ProcessCounter()
    assert [counter.hit("ann", 2, 60) for _ in range(3)] == [0, 0, 60]
    assert counter.hit("ben", 2, 60) == 0
    clock[0] += 59
    assert counter.hit("ann", 2, 60) == 1
    clock[0] += 1
    assert counter.hit("ann", 2, 60) == 0


def test_windows_that_are_over_are_forgotten(clock):
    counter = ProcessCounter()
    for number in range(100):
        counter.hit(f"client {number}", 2, 60)
    clock[0] += 120
    counter.hit("ann", 2, 60)
    assert len(counter._counts) == 1


def test_while_redis_is_away_the_process_counts_and_nobody_waits_for_redis(clock):
    counter = SharedCounter(f"redis://127.0.0.1:{ports.free_port()}/0")
    begun = time.perf_counter()
    assert [counter.hit("ann", 2, 60) > 0 for _ in range(200)] == [False] * 2 + [True] * 198
    assert time.perf_counter() - begun < rate_limits.PATIENCE_SECONDS * 4
