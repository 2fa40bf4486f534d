"""The record of runs, fences and claims, on the real store."""

from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest

from app.plugins.apscheduler import Fence, FenceLost, Job, JobRun, Tally, read_lease
from app.plugins.apscheduler.claims import claim
from app.plugins.apscheduler.lease import Lease
from app.plugins.apscheduler.runner import run_firing
from app.utils.ids import new_id

FIRING = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture
def lease(stores):
    own = Lease("first", 10, name=f"test-{new_id()}")
    own.beat()
    return own


def a_job(run, **period):
    return Job(f"job-{new_id()}", run, **(period or {"every_hours": 1}))


def record(job):
    return JobRun.objects(job=job.name, scheduled_on=FIRING.date()).first()


def test_a_run_is_recorded_with_its_counts(lease):
    job = a_job(lambda fence, now: Tally(done=4, failed=1))
    assert run_firing(job, FIRING, lease.fence) == "succeeded"
    run = record(job)
    assert (run.outcome, run.done, run.failed, run.error, run.fence) == ("succeeded", 4, 1, None, 1)
    assert run.started_at <= run.finished_at


def test_the_same_firing_does_not_run_again(lease):
    seen = []
    job = a_job(lambda fence, now: seen.append(now))
    assert run_firing(job, FIRING, lease.fence) == "succeeded"
    assert run_firing(job, FIRING, lease.fence) is None
    assert len(seen) == 1


def test_a_job_that_breaks_is_recorded_and_does_not_break_the_scheduler(lease):
    def broken(fence, now):
        raise ZeroDivisionError("no rows to divide")

    job = a_job(broken)
    assert run_firing(job, FIRING, lease.fence) == "failed"
    assert (record(job).outcome, record(job).error) == ("failed", "ZeroDivisionError: no rows to divide")


def test_a_frequent_job_leaves_a_record_only_when_it_did_something(lease):
    idle, busy = a_job(lambda fence, now: 0, every_seconds=1), a_job(lambda fence, now: 2, every_seconds=1)
    run_firing(idle, FIRING, lease.fence)
    run_firing(busy, FIRING, lease.fence)
    assert record(idle) is None
    assert (record(busy).outcome, record(busy).done) == ("succeeded", 2)


def test_an_unfinished_firing_is_taken_over_by_a_higher_fence_only(lease):
    job = a_job(lambda fence, now: 1)
    assert claim(job, FIRING, lease.fence) is not None
    assert claim(job, FIRING, replace(lease.fence, holder="second")) is None
    lease.let_go()
    rival = Lease("second", 10, name=lease.name)
    assert rival.beat().number == 2
    assert run_firing(job, FIRING, rival.fence) == "succeeded"
    assert claim(job, FIRING, Fence(3, "third", lease.name)) is None  # finished


def test_an_old_fence_writes_nothing_and_a_new_one_goes_on_from_what_stands(lease):
    old = lease.fence
    old.remember("digest", sent_until="2026-11-20")
    lease.let_go()
    rival = Lease("second", 10, name=lease.name)
    new = rival.beat()
    with pytest.raises(FenceLost):
        old.remember("digest", sent_until="2026-11-21")
    with pytest.raises(FenceLost):
        old.ensure_current()
    assert new.recall("digest") == {"sent_until": "2026-11-20"}
    new.ensure_current()


def test_of_eight_schedulers_that_reach_for_a_free_lease_one_gets_it(stores):
    name, start = f"test-{new_id()}", Barrier(8)
    rivals = [Lease(f"rival-{n}", 10, name=name) for n in range(8)]

    def reach(rival):
        start.wait()
        rival.beat()

    threads = [Thread(target=reach, args=[rival]) for rival in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    holders = [rival.holder for rival in rivals if rival.fence]
    assert holders == [read_lease(name).holder]
    assert read_lease(name).fence == 1
