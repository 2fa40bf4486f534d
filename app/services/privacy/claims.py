"""Work on one person's row, by one runner at a time; a runner that has been silent for a minute is replaced."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from app.models.accounts import DataExport, Erasure
from app.models.accounts.privacy import QUEUED, RUNNING
from app.utils.errors import ConcurrentChange, NotFound
from app.utils.ids import new_id

SILENT_AFTER = timedelta(minutes=1)
Clock = Callable[[], datetime]
Work = TypeVar("Work", DataExport, Erasure)


class RunnerReplaced(ConcurrentChange):
    """Another runner works on this now (409)."""


def find_work(model: type[Work], now: datetime, *, most: int = 1000) -> list[Work]:
    """The rows that wait, or whose runner fell silent, oldest first. Raises SearchUnavailable (503)."""
    query = model.elastic("status", "in", [QUEUED, RUNNING]).sort("requested_at", "asc")
    return [row for row in query.take(most).get() if is_free(row, now)]


def is_free(row: Work, now: datetime) -> bool:
    """Whether somebody may take this row up."""
    is_silent = row.heartbeat_at is None or row.heartbeat_at <= now - SILENT_AFTER
    return row.status == QUEUED or (row.status == RUNNING and is_silent)


def take_over(model: type[Work], user_id: str, now: datetime) -> Work | None:
    """The row, now this runner's; None when it is somebody else's or finished."""
    runner = new_id()

    def decide(row: Work) -> dict[str, Any] | None:
        return {"status": RUNNING, "runner": runner, "heartbeat_at": now} if is_free(row, now) else None

    with suppress(NotFound, ConcurrentChange):
        row = model.change((user_id,), decide)
        return row if row.runner == runner else None
    return None


def note(row: Work, **values: Any) -> Work:
    """The row has these values. Raises RunnerReplaced (409) when another runner has taken it."""
    try:
        return row.update_if_unchanged(**values)
    except ConcurrentChange:
        raise RunnerReplaced("Another runner works on this now.") from None
