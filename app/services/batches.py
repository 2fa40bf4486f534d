"""Jobs over many rows: one by one, going on after a bad one."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from app.plugins.apscheduler import Tally
from app.utils.errors import DomainError

log = logging.getLogger(__name__)

Row = TypeVar("Row")


def act_on_each(rows: Iterable[Row], act: Callable[[Row], object], job: str) -> Tally:
    """Every row was tried; what failed is logged with the row's id and left for the next run."""
    done = failed = 0
    for row in rows:
        try:
            act(row)
            done += 1
        except DomainError as refusal:
            failed += 1
            log.warning("%s: %s", job, refusal.code, extra={"row_id": getattr(row, "id", "")})
        except Exception:
            failed += 1
            log.exception("%s failed", job, extra={"row_id": getattr(row, "id", "")})
    return Tally(done, failed)
