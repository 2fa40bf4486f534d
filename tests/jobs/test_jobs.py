"""The product's own jobs: each runs on the real stores, and the scheduler of an application runs them."""

import time
from dataclasses import replace

import pytest
from flask import Flask

from app.plugins import apscheduler
from app.plugins.apscheduler import Tally, read_lease
from app.plugins.apscheduler.jobs import jobs_of, start_jobs
from app.plugins.apscheduler.lease import Lease
from app.plugins.cassandra_cqlengine import store
from app.services import jobs as job_service
from app.utils.clock import utc_now
from app.utils.errors import NotFound
from app.utils.ids import new_id


def test_each_job_runs_and_gives_counts(app, stores):
    fence = Lease("test", 30, name=f"test-{new_id()}").beat()
    for job in jobs_of(stores):
        assert isinstance(Tally.of(job.run(fence, utc_now())), Tally), job.name


def test_the_jobs_are_named_once_and_follow_the_settings(stores):
    jobs = {job.name: job for job in jobs_of(replace(stores, mirror_relay_every_seconds=2.5))}
    assert len(jobs) == len(jobs_of(stores))
    assert jobs["relay-outbox"].period.total_seconds() == 2.5
    assert {"relay-outbox", "purge-markers", "expire-unpaid-orders", "resume-orders", "seller-digests"} <= set(jobs)
    without = {job.name for job in jobs_of(replace(stores, sandbox_provider_enabled=False))}
    assert set(jobs) - without == {"deliver-sandbox-events"}


@pytest.fixture
def ticking(stores):
    """An application with its scheduler on."""
    store().session.execute("TRUNCATE scheduler_lease")
    settings = replace(stores, scheduler_enabled=True, scheduler_lease_seconds=3)
    own = Flask("ticking")
    own.config["SETTINGS"] = settings
    start_jobs(own, settings)
    yield
    apscheduler.stop()


def test_the_scheduler_of_an_application_leads_and_records_its_runs(app, ticking):
    end = time.monotonic() + 20
    while not (apscheduler.status()["leads_here"] and job_service.recent_runs("resume-orders", size=5, now=utc_now())):
        assert time.monotonic() < end
        time.sleep(0.1)
    summary = {job.name: job for job in job_service.summarise_jobs(now=utc_now())}
    assert summary["resume-orders"].latest.outcome in ("running", "succeeded")
    assert summary["resume-orders"].next_at > utc_now()
    assert job_service.lease().holder is not None
    with pytest.raises(NotFound):
        job_service.recent_runs("no-such-job", size=5, now=utc_now())
    apscheduler.stop()
    assert read_lease().holder is None
