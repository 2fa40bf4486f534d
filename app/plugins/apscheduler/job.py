"""What a job is: a name, a function and instants that all schedulers agree on."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

ANCHOR = datetime(2020, 1, 1, tzinfo=UTC)
BUSY_ONLY_BELOW_SECONDS = 30


@dataclass(frozen=True)
class Tally:
    """How many rows a run finished and how many it had to leave."""

    done: int = 0
    failed: int = 0

    @classmethod
    def of(cls, answer: Any) -> "Tally":
        """A job function may return a Tally, anything with done and failed, a number of rows done, or nothing."""
        if answer is None:
            return cls()
        if isinstance(answer, int):
            return cls(done=answer)
        return cls(done=int(answer.done), failed=int(answer.failed))


@dataclass(frozen=True)
class Job:
    """A function `run(fence, now)` called at each multiple of its period, by one scheduler.

    Give one of every_seconds, every_minutes, every_hours, or daily_at ("07:30", UTC). `run` is idempotent, because
    a firing that a killed scheduler left unfinished is run again by its successor.
    """

    name: str
    run: Callable[..., Any]
    every_seconds: float = 0
    every_minutes: float = 0
    every_hours: float = 0
    daily_at: str = ""

    def __post_init__(self) -> None:
        given = [self.every_seconds, self.every_minutes, self.every_hours, self.daily_at]
        if sum(bool(each) for each in given) != 1 or self.period <= timedelta(0):
            raise ValueError(f"Job {self.name} needs exactly one positive period")

    @property
    def period(self) -> timedelta:
        if self.daily_at:
            return timedelta(days=1)
        return timedelta(seconds=self.every_seconds, minutes=self.every_minutes, hours=self.every_hours)

    @property
    def first_at(self) -> datetime:
        """The instant of long ago that the firings are counted from, the same for every scheduler."""
        if not self.daily_at:
            return ANCHOR
        hour, minute = self.daily_at.split(":")
        return ANCHOR.replace(hour=int(hour), minute=int(minute))

    def latest_firing(self, now: datetime) -> datetime:
        """The last scheduled instant at or before `now`, whole milliseconds."""
        milliseconds = round(self.period / timedelta(milliseconds=1))
        passed = math.floor((now - self.first_at) / timedelta(milliseconds=1))
        return self.first_at + timedelta(milliseconds=passed // milliseconds * milliseconds)

    @property
    def records_idle_runs(self) -> bool:
        """Jobs that run every few seconds leave a run record only when they did something."""
        return self.period >= timedelta(seconds=BUSY_ONLY_BELOW_SECONDS)
