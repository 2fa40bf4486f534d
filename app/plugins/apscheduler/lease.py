"""The lease: one scheduler holds it, renews it, and loses it when it sleeps; each takeover has a higher fence.

All writes are conditional. The holder's cells carry a time to live, so a killed holder frees the lease by itself; the
fence has none, so it never goes back.
"""

import json
import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cassandra.query import BatchStatement, BatchType

from app.plugins.apscheduler.tables import LEASE_NAME, SchedulerLease
from app.plugins.cassandra_cqlengine import store
from app.utils.clock import utc_now
from app.utils.errors import DomainError, StoreUnavailable
from app.utils.ids import new_id

log = logging.getLogger(__name__)
ATTEMPTS = 5

_READ = "SELECT fence, holder, held_until FROM scheduler_lease WHERE name = ? LIMIT 1"
_HOLD = "UPDATE scheduler_lease USING TTL ? SET holder = ?, held_until = ? WHERE name = ? IF holder = ? AND fence = ?"
_RAISE = "UPDATE scheduler_lease SET fence = ? WHERE name = ?"
_LET_GO = "UPDATE scheduler_lease SET holder = null, held_until = null WHERE name = ? IF holder = ? AND fence = ?"
_REMEMBER = (
    "UPDATE scheduler_lease SET memory = ?, memory_token = ? WHERE name = ? AND job = ? IF holder = ? AND fence = ?"
)
_RECALL = "SELECT memory, memory_token, fence, holder FROM scheduler_lease WHERE name = ? AND job = ?"


class FenceLost(DomainError):
    """Another scheduler has taken over, or the lease has run out: what was to be written is not written (409)."""

    code, status = "fence_lost", 409


@dataclass(frozen=True)
class Holding:
    """What stands in the store: the fence, and who holds the lease until when (nobody: both None)."""

    fence: int
    holder: str | None
    held_until: datetime | None


@dataclass(frozen=True)
class Fence:
    """A number that grows at each takeover; a job's writes under an older one are refused by the store."""

    number: int
    holder: str
    lease_name: str = LEASE_NAME

    def is_current(self) -> bool:
        standing = read_lease(self.lease_name)
        return standing.holder == self.holder and standing.fence == self.number

    def ensure_current(self) -> None:
        """Return when this fence stands now. Raises FenceLost (409).

        Nothing keeps the lease from running out a moment later: use `remember` for a write that must not be late.
        """
        if not self.is_current():
            raise FenceLost("Another scheduler has taken over.")

    def remember(self, job: str, **memory: Any) -> None:
        """Replace what a job keeps between runs, on the store's condition that this fence still stands.

        memory: plain JSON values. Raises FenceLost (409) and StoreUnavailable; then nothing was written.
        """
        token = new_id()
        values = [json.dumps(memory), token, self.lease_name, job, self.holder, self.number]
        for _ in range(ATTEMPTS):
            answer = store().run_conditional(store().bind(_REMEMBER, values))
            if answer is not None:
                if answer["[applied]"]:
                    return
                raise FenceLost("Another scheduler has taken over.")
            row = store().execute(_RECALL, [self.lease_name, job], serial=True).one()
            if row is not None and row["memory_token"] == token:
                return
        raise StoreUnavailable("The store could not decide in time. Please try again.")

    def recall(self, job: str) -> dict[str, Any]:
        """What the job's last `remember` kept; empty before the first."""
        row = store().execute(_RECALL, [self.lease_name, job], serial=True).one()
        return json.loads(row["memory"]) if row is not None and row["memory"] else {}


def read_lease(name: str = LEASE_NAME) -> Holding:
    """The lease as the last finished conditional write, and time, left it."""
    row = store().execute(_READ, [name], serial=True).one()
    if row is None:
        return Holding(0, None, None)
    held_until = SchedulerLease._columns["held_until"].to_python(row["held_until"])
    return Holding(row["fence"] or 0, row["holder"], held_until)


class Lease:
    """One scheduler's side of the lease. `fence` is set while it holds it, by its own clock, and None otherwise."""

    def __init__(self, holder: str, seconds: int, name: str = LEASE_NAME) -> None:
        """seconds: time to live, 2 or more; Cassandra counts whole seconds, so one second is kept in reserve."""
        self.holder, self.seconds, self.name = holder, max(2, seconds), name
        self._fence: Fence | None = None
        self._until = 0.0
        self._seen_until: datetime | None = None

    @property
    def fence(self) -> Fence | None:
        return self._fence if _steady_seconds() < self._until else None

    def pause_seconds(self, now: datetime) -> float:
        """How long to wait before the next beat: a third of the lease, or less when somebody else's ends sooner."""
        longest = (self.seconds - 1) / 3
        if self._seen_until is None:
            return longest
        return min(longest, max(0.05, (self._seen_until - now).total_seconds() + 0.05))

    def beat(self) -> Fence | None:
        """Renew the lease when held, take it when free; the fence held now, or None. Raises StoreUnavailable."""
        asked_at = _steady_seconds()
        standing = read_lease(self.name)
        self._seen_until = standing.held_until if standing.holder != self.holder else None
        if standing.holder == self.holder and self._fence and standing.fence == self._fence.number:
            held = self._write(standing, standing.fence)
        elif standing.holder is None:
            held = self._write(standing, standing.fence + 1)
        else:
            held = None
        if held is None:
            self._drop(f"{standing.holder} holds it")
            return None
        if held != self._fence:
            log.info("Scheduler lease taken: holder %s, fence %d", self.holder, held.number)
        self._seen_until = None
        self._fence, self._until = held, asked_at + self.seconds - 1
        return self.fence

    def _write(self, standing: Holding, number: int) -> Fence | None:
        until = utc_now() + timedelta(seconds=self.seconds)
        milliseconds = SchedulerLease._columns["held_until"].to_database(until)
        known = standing.fence if standing.fence else None
        hold = [self.seconds, self.holder, milliseconds, self.name, standing.holder, known]
        batch = BatchStatement(BatchType.UNLOGGED)
        batch.add(store().bind(_HOLD, hold))
        if number != standing.fence:
            batch.add(store().bind(_RAISE, [number, self.name]))
        answer = store().run_conditional(batch)
        if answer is None:
            after = read_lease(self.name)
            return (
                Fence(number, self.holder, self.name) if (after.holder, after.fence) == (self.holder, number) else None
            )
        return Fence(number, self.holder, self.name) if answer["[applied]"] else None

    def _drop(self, reason: str) -> None:
        if self._fence is not None:
            log.warning("Scheduler lease lost: holder %s, fence %d; %s", self.holder, self._fence.number, reason)
        self._fence, self._until = None, 0.0

    def let_go(self) -> None:
        """Free the lease at once, so that another scheduler need not wait for its end."""
        held, self._fence, self._until = self._fence, None, 0.0
        if held is not None:
            store().run_conditional(store().bind(_LET_GO, [self.name, self.holder, held.number]))


def _steady_seconds() -> float:
    """Seconds that pass while the process is stopped and while the machine sleeps, whatever the wall clock does."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
