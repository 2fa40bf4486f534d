"""What the admin panel asks about scheduled jobs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from app.plugins.apscheduler import Holding, JobRun, read_lease, registered_jobs
from app.utils.errors import NotFound

DAYS_LOOKED_BACK = 7


@dataclass(frozen=True)
class JobSummary:
    """A job and its latest recorded run; jobs of a few seconds' period record only runs that did something."""

    name: str
    period_seconds: float
    next_at: datetime
    latest: JobRun | None


def summarise_jobs(*, now: datetime) -> list[JobSummary]:
    """Every job this process knows of, by name. Raises StoreUnavailable."""
    known = registered_jobs()
    return [
        JobSummary(
            name=job.name,
            period_seconds=job.period.total_seconds(),
            next_at=job.latest_firing(now) + job.period,
            latest=next(iter(recent_runs(job.name, size=1, now=now)), None),
        )
        for job in sorted(known, key=lambda job: job.name)
    ]


def recent_runs(name: str, *, size: int, now: datetime) -> list[JobRun]:
    """The job's runs of the last DAYS_LOOKED_BACK days (UTC), newest first, `size` at most.

    Raises NotFound (404) for an unknown job.
    """
    if name not in {job.name for job in registered_jobs()}:
        raise NotFound("There is no such job.")
    runs: list[JobRun] = []
    for day in _days(now):
        runs += JobRun.objects(job=name, scheduled_on=day).limit(size - len(runs))
        if len(runs) >= size:
            break
    return runs


def lease() -> Holding:
    """Which scheduler runs the jobs now, and its fence. Raises StoreUnavailable."""
    return read_lease()


def _days(now: datetime) -> Iterable[date]:
    today = now.astimezone(UTC).date()
    return (today - timedelta(days=back) for back in range(DAYS_LOOKED_BACK))
