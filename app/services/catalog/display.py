"""The copy of an item's stock that pages and searches show, kept up with the ledger.

A sale names its items here instead of refreshing them itself, so a popular item is refreshed once for many sales.
What a process that dies still had to refresh is found by the job, from the orders of the last minutes.
"""

from datetime import datetime, timedelta
from typing import Any

from app.models import Order
from app.plugins.apscheduler import Tally
from app.services.batches import act_on_each
from app.services.catalog import stock
from app.utils.gathering import Gatherer

JOB = "refresh-displayed-stock"
GATHERING_SECONDS = 0.25
LOOK_BACK = timedelta(minutes=15)
MOST_ITEMS = 10_000


def refresh_soon(reference: str) -> None:
    """What is shown of this item's stock equals the ledger in a moment."""
    _gatherer.add(reference)


def refresh_now() -> None:
    """What waits in this process is refreshed when the call returns."""
    _gatherer.flush()


def refresh_recently_ordered(fence: Any, now: datetime) -> Tally:
    """Every item that an order of the last minutes names shows what its ledger holds. Raises SearchUnavailable."""
    query = Order.elastic("changed_at", ">=", now - LOOK_BACK).facets({"item_refs": MOST_ITEMS}).take(0)
    query.documents()
    references = [str(value) for value, _ in query.facet_counts["item_refs"]]
    return _refresh(references)


def _refresh(references: list[str]) -> Tally:
    return act_on_each(references, stock.refresh_availability, JOB)


_gatherer: Gatherer[str] = Gatherer("displayed-stock", GATHERING_SECONDS, _refresh)
