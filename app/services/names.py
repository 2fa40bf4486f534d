"""Names that only one row may have, claimed by a conditional write before the row is made."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.models import CatalogName
from app.plugins.cassandra_cqlengine import Model
from app.utils.errors import ConcurrentChange
from app.utils.slugs import numbered

ABANDONED_AFTER = timedelta(minutes=10)
_TRIES = 20


def slug_name(kind: str, slug: str) -> str:
    """The claim's key for a slug of one kind (product, course, store, school)."""
    return f"{kind}:slug:{slug}"


def sku_name(store_id: str, sku: str) -> str:
    """The claim's key for a SKU in one store."""
    return f"sku:{store_id}:{sku}"


def holder(name: str) -> str | None:
    """The id of the row that has this name, or None. The row itself may not be written yet."""
    claim = CatalogName.find(name)
    return claim.item_id if claim is not None else None


def holders(names: Iterable[str]) -> dict[str, str]:
    """Name → id for those names that somebody has."""
    return {claim.name: claim.item_id for claim in CatalogName.find_many(list(names))}


def claim(name: str, item_id: str, model: type[Model], now: datetime) -> bool:
    """The name belongs to `item_id` (True), or to another row (False).

    A claim whose row was never written, because its maker crashed, is taken over after ten minutes.
    """
    row, made = CatalogName.create_if_absent(name=name, item_id=item_id, claimed_at=now)
    if made or row.item_id == item_id:
        return True
    if row.claimed_at > now - ABANDONED_AFTER or model.find(row.item_id) is not None:
        return False
    try:
        row.update_if_unchanged(item_id=item_id, claimed_at=now)
    except ConcurrentChange:
        return holder(name) == item_id
    return True


def claim_free_slug(kind: str, wanted: str, item_id: str, model: type[Model], now: datetime) -> str:
    """A slug that now belongs to `item_id`: the wanted one, or the same with a number or part of the id behind it."""
    for number in range(1, _TRIES):
        slug = wanted if number == 1 else numbered(wanted, str(number))
        if number > 3:
            slug = numbered(wanted, item_id[-4 - number :].lower())
        if claim(slug_name(kind, slug), item_id, model, now):
            return slug
    raise ConcurrentChange("No free address was found. Please choose another title.")


def release(name: str, item_id: str) -> None:
    """The name is free again if it belonged to `item_id`; otherwise nothing changes."""
    row = CatalogName.find_serial(name)
    if row is not None and row.item_id == item_id:
        try:
            row.delete_if_unchanged()
        except ConcurrentChange:
            return
