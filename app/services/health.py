"""What state the product is in, asked by load balancers, operators and the public page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any

from app.plugins.apscheduler import read_lease
from app.plugins.cassandra_cqlengine import store
from app.plugins.cassandra_cqlengine_elastic import relay, search
from app.plugins.metrics import ENGINE_UP, OUTBOX_LAG_SECONDS, OUTBOX_LENGTH
from app.utils.errors import DomainError

OUTBOX_LAG_ALLOWED_SECONDS = 120.0
"""An older unsent mirror entry means that the relay does not run; searches would show the past."""

OK, DEGRADED, DOWN = "ok", "degraded", "down"


@dataclass(frozen=True)
class Part:
    """One thing the product stands on. latency_ms: of the question just asked."""

    is_ok: bool
    latency_ms: float
    reason: str = ""
    figures: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"ok": self.is_ok, "latency_ms": round(self.latency_ms, 1), **self.figures}
        if self.reason:
            shown["reason"] = self.reason
        return shown


@dataclass(frozen=True)
class Readiness:
    """Whether this process can sell, and which part keeps it from that."""

    parts: dict[str, Part]

    @property
    def is_ready(self) -> bool:
        return all(part.is_ok for part in self.parts.values())

    def as_json(self) -> dict[str, Any]:
        state = "ready" if self.is_ready else "not_ready"
        return {"status": state, "parts": {name: part.as_json() for name, part in self.parts.items()}}


def app_status() -> str:
    """`ok`; `degraded` while only search is away; `down` without Cassandra."""
    if not _asked(_ask_cassandra).is_ok:
        return DOWN
    return OK if _asked(_ask_elasticsearch).is_ok else DEGRADED


def readiness(*, now: datetime) -> Readiness:
    """Ask every part that selling needs: both engines, the mirror's relay and the scheduler's lease."""
    return Readiness(
        {
            "cassandra": _asked(_ask_cassandra),
            "elasticsearch": _asked(_ask_elasticsearch),
            "outbox": _asked(_ask_outbox),
            "scheduler": _asked(lambda: _ask_scheduler(now)),
        }
    )


def measure(*, now: datetime) -> None:
    """Bring the gauges that nobody else sets up to date."""
    for name, part in readiness(now=now).parts.items():
        ENGINE_UP.labels(name).set(int(part.is_ok))


def _asked(question: Callable[[], Part | None]) -> Part:
    started = perf_counter()
    try:
        part = question()
    except DomainError as refusal:
        return Part(False, (perf_counter() - started) * 1000, refusal.message)
    latency_ms = (perf_counter() - started) * 1000
    return Part(True, latency_ms) if part is None else Part(part.is_ok, latency_ms, part.reason, part.figures)


def _ask_cassandra() -> None:
    store().execute("SELECT key FROM system.local")


def _ask_elasticsearch() -> None:
    search().ping()


def _ask_scheduler(now: datetime) -> Part:
    """Somebody, this process or another, holds the lease and so runs the jobs."""
    standing = read_lease()
    if standing.holder is None or standing.held_until is None or standing.held_until <= now:
        return Part(False, 0, "Nobody runs the jobs.")
    return Part(True, 0, "", {"fence": standing.fence})


def _ask_outbox() -> Part:
    lag = relay.lag(limit=1000)
    OUTBOX_LAG_SECONDS.set(lag.oldest_seconds)
    OUTBOX_LENGTH.set(lag.waiting)
    figures = {"entries": lag.waiting, "oldest_seconds": round(lag.oldest_seconds, 1)}
    if lag.oldest_seconds > OUTBOX_LAG_ALLOWED_SECONDS:
        return Part(False, 0, "The mirror is behind.", figures)
    return Part(True, 0, "", figures)
