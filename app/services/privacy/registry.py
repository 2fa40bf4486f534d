"""Every table of the product, as far as people are concerned: a part answers for it, or it holds nothing of anybody.

A new table that stands in neither list fails a test. A table whose partition is one person needs one line:
`own_rows(Model, ("columns", "shown"))` in the parts of its domain.
"""

from collections.abc import Mapping

from app.models import (
    CatalogName,
    Category,
    Course,
    ImportFault,
    MaintenanceMark,
    Product,
    SandboxDelivery,
    StockEntry,
    WebhookEvent,
)
from app.plugins.apscheduler import JobRun, SchedulerClaim, SchedulerLease
from app.plugins.cache.tables import CacheEntry
from app.plugins.cassandra_cqlengine import Model
from app.plugins.cassandra_cqlengine_elastic import TABLES as MIRROR_TABLES
from app.services.privacy import market_parts, personal_parts, ways_in_parts
from app.services.privacy.parts import Part

PARTS: tuple[Part, ...] = (
    *personal_parts.FIRST_PARTS,
    *ways_in_parts.PARTS,
    *market_parts.PARTS,
    *personal_parts.LAST_PARTS,
)
"""In the order in which they are erased; the account comes last, because the others are found by it."""

_GOODS = "What is sold, and how much of it there is."
_MACHINERY = "How the product itself works; names rows by their ids at most."

NOTHING_PERSONAL: Mapping[type[Model], str] = {
    Category: _GOODS,
    Course: _GOODS,
    Product: _GOODS,
    CatalogName: _GOODS,
    StockEntry: _GOODS,
    ImportFault: "Why a line of a shop's file was refused.",
    WebhookEvent: _MACHINERY,
    SandboxDelivery: _MACHINERY,
    MaintenanceMark: _MACHINERY,
    JobRun: _MACHINERY,
    SchedulerClaim: _MACHINERY,
    SchedulerLease: _MACHINERY,
    CacheEntry: _MACHINERY,
    **dict.fromkeys(MIRROR_TABLES, _MACHINERY),
}


def registered() -> dict[type[Model], Part]:
    """Model → the part that answers for it."""
    return {model: part for part in PARTS for model in part.tables}
