"""Jobs on APScheduler 3, one run a firing over any number of processes.

`init_app(app, jobs)` names the jobs, `start()` begins in this process, `stop()` ends. Job functions take
`(fence, now)`; see `Job` and `Fence`.
"""

import atexit
from collections.abc import Sequence
from typing import Any

from app.plugins.apscheduler.job import Job, Tally
from app.plugins.apscheduler.lease import Fence, FenceLost, Holding, read_lease
from app.plugins.apscheduler.scheduler import Scheduler
from app.plugins.apscheduler.tables import JobRun, SchedulerClaim, SchedulerLease

__all__ = [
    "Fence",
    "FenceLost",
    "Holding",
    "Job",
    "JobRun",
    "Scheduler",
    "SchedulerClaim",
    "SchedulerLease",
    "Tally",
    "init_app",
    "read_lease",
    "registered_jobs",
    "start",
    "status",
    "stop",
]

_current: Scheduler | None = None


def init_app(app: Any, jobs: Sequence[Job] = ()) -> Scheduler:
    """Make this process's scheduler of these jobs; it does nothing before `start()`."""
    global _current
    stop()
    _current = Scheduler(jobs, app.config["SETTINGS"].scheduler_lease_seconds, app.app_context)
    app.extensions["scheduler"] = _current
    return _current


def start() -> None:
    """Begin ticking in this process; call it after a fork, once. Raises RuntimeError before `init_app`."""
    if _current is None:
        raise RuntimeError("apscheduler.init_app(app, jobs) has not been called")
    _current.start()
    atexit.register(stop)


def stop() -> None:
    """End this process's scheduler, if there is one, and free its lease."""
    global _current
    if _current is not None:
        _current.stop()
    _current = None


def registered_jobs() -> tuple[Job, ...]:
    """The jobs of `init_app`; none before it."""
    return () if _current is None else tuple(_current.jobs.values())


def status() -> dict[str, Any]:
    """Who holds the lease, for `/ready` and the admin panel. Raises StoreUnavailable."""
    standing = read_lease()
    return {
        "holder": standing.holder,
        "fence": standing.fence,
        "held_until": standing.held_until,
        "leads_here": _current is not None and _current.leads,
    }
