"""One firing: claimed, run under the fence, recorded."""

import logging
from datetime import datetime
from typing import Any

from app.plugins.apscheduler import claims
from app.plugins.apscheduler.job import Job, Tally
from app.plugins.apscheduler.lease import Fence, FenceLost
from app.plugins.apscheduler.tables import JobRun
from app.utils.clock import utc_now
from app.utils.errors import DomainError

log = logging.getLogger(__name__)
ERROR_LENGTH = 2000


def run_firing(job: Job, scheduled_at: datetime, fence: Fence) -> str | None:
    """Run this firing if it is nobody else's; its outcome, or None when it was not ours to run.

    Raises StoreUnavailable when Cassandra does not answer; a fault of the job itself is logged and recorded.
    """
    token = claims.claim(job, scheduled_at, fence)
    if token is None:
        return None
    if not fence.is_current():
        log.warning("Job %s of %s: claimed too late, left to the next scheduler", job.name, scheduled_at)
        return "fenced_off"
    started_at = utc_now()
    record = _open_record(job, scheduled_at, fence, started_at) if job.records_idle_runs else None
    outcome, tally, error = _call(job, fence, started_at)
    finished_at = utc_now()
    if not claims.finish(job, scheduled_at, token, finished_at):
        outcome = "fenced_off"
    if record is None and (tally.done or tally.failed or outcome != "succeeded"):
        record = _open_record(job, scheduled_at, fence, started_at)
    if record is not None:
        record.update(
            finished_at=finished_at, outcome=outcome, done=tally.done, failed=tally.failed, error=error or None
        )
        seconds = (finished_at - started_at).total_seconds()
        log.info("Job %s: %s, done %d, failed %d, %.3f s", job.name, outcome, tally.done, tally.failed, seconds)
    return outcome


def _call(job: Job, fence: Fence, now: datetime) -> tuple[str, Tally, str]:
    try:
        return "succeeded", Tally.of(job.run(fence, now)), ""
    except FenceLost:
        log.warning("Job %s: fence %d is old, its write was refused", job.name, fence.number)
        return "fenced_off", Tally(), "fence lost"
    except DomainError as fault:
        log.warning("Job %s: %s", job.name, fault.message)
        return "failed", Tally(), f"{fault.code}: {fault.message}"[:ERROR_LENGTH]
    except Exception as fault:
        log.exception("Job %s failed", job.name)
        return "failed", Tally(), f"{type(fault).__name__}: {fault}"[:ERROR_LENGTH]


def _open_record(job: Job, scheduled_at: datetime, fence: Fence, started_at: datetime) -> Any:
    return JobRun.create(
        job=job.name,
        scheduled_on=scheduled_at.date(),
        scheduled_at=scheduled_at,
        fence=fence.number,
        holder=fence.holder,
        started_at=started_at,
        outcome="running",
    )
