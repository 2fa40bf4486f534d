"""APScheduler in this process: it ticks everywhere, but only the lease's holder runs anything."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from app.plugins.apscheduler.job import Job
from app.plugins.apscheduler.lease import Fence, Lease
from app.plugins.apscheduler.runner import run_firing
from app.utils.clock import utc_now
from app.utils.errors import StoreUnavailable
from app.utils.ids import new_id

log = logging.getLogger(__name__)
THREADS = 6
_STOP_SECONDS = 5.0


class FiringTrigger(BaseTrigger):
    """Fires at the job's own instants, computed whole, so that all processes name the same ones."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return self._job.latest_firing(previous_fire_time or now) + self._job.period


class Scheduler:
    """The jobs of one process. Every process may have one; together they do each firing once."""

    def __init__(
        self,
        jobs: Sequence[Job],
        lease_seconds: int,
        around: Callable[[], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        """around: entered for each run, such as an application context."""
        names = [job.name for job in jobs]
        if len(set(names)) != len(names):
            raise ValueError("Two jobs have one name")
        self.jobs = {job.name: job for job in jobs}
        self.lease = Lease(f"{socket.gethostname()}-{os.getpid()}-{new_id()[-6:]}", lease_seconds)
        self._around = around
        self._stopping = threading.Event()
        self._heart = threading.Thread(target=self._beat_until_stopped, name="scheduler-lease", daemon=True)
        self._clock = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(THREADS)},
            job_defaults={"max_instances": 1, "coalesce": True, "misfire_grace_time": None},
            daemon=True,
        )

    def start(self) -> None:
        """Begin to compete for the lease and to tick; returns at once."""
        for job in self.jobs.values():
            self._clock.add_job(self._fire, FiringTrigger(job), args=[job.name], id=job.name)
        self._clock.start()
        self._heart.start()

    def stop(self) -> None:
        """End the ticks, wait for runs under way and free the lease."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._heart.join(_STOP_SECONDS)
        if self._clock.running:
            self._clock.shutdown(wait=True)
        try:
            self.lease.let_go()
        except StoreUnavailable:
            log.warning("The lease could not be freed; it runs out by itself")

    @property
    def leads(self) -> bool:
        return self.lease.fence is not None

    def _beat_until_stopped(self) -> None:
        number = 0
        while not self._stopping.is_set():
            try:
                fence = self.lease.beat()
            except StoreUnavailable as fault:
                log.warning("Scheduler lease: %s", fault)
            except Exception:
                log.exception("Scheduler lease: beat failed")
            else:
                if fence is not None and fence.number != number:
                    number = fence.number
                    self._make_up_missed()
            self._stopping.wait(self.lease.pause_seconds(utc_now()))

    def _make_up_missed(self) -> None:
        """On taking over: let every job look at its latest firing, which nobody may have run."""
        now = utc_now()
        for name in self.jobs:
            self._clock.modify_job(name, next_run_time=now)

    def _fire(self, name: str) -> None:
        fence = self.lease.fence
        if fence is None or self._stopping.is_set():
            return
        self.run_latest(self.jobs[name], fence)

    def run_latest(self, job: Job, fence: Fence) -> str | None:
        """Run the job's latest firing when it is free; the outcome, or None."""
        try:
            with self._around():
                return run_firing(job, job.latest_firing(utc_now()), fence)
        except StoreUnavailable as fault:
            log.warning("Job %s: %s", job.name, fault)
            return None
