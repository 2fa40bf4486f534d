"""Rows of a catalog file become items: found again by SKU or slug within the seller, made or brought up to date."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from app.models import ImportRun
from app.services import names
from app.services.catalog import stock
from app.services.catalog.imports.rows import Fault, Plan
from app.services.catalog.items import Item, item_columns, publication, stock_columns
from app.utils.ids import id_at
from app.utils.slugs import slugify, with_id

THREADS = 16
_COLUMNS_OF_CELL = {
    "price": ("price_cents", "price_band", "currency"),
    "compare_at": ("compare_at_cents",),
    "category": ("category", "category_path"),
    "pictures": ("pictures", "cover"),
}
Outcome = tuple[str, Fault | None]
Argument = TypeVar("Argument")


@dataclass(frozen=True)
class Batch:
    """What the rows of one run are stored with. paths: the category tree, slug → path."""

    run: ImportRun
    seller: Any
    paths: Mapping[str, list[str]]
    pool: ThreadPoolExecutor

    @property
    def kind(self) -> str:
        return str(self.run.kind)

    def each(self, work: Callable[[Argument], Any], arguments: Iterable[Argument]) -> list[Any]:
        return list(self.pool.map(work, arguments))


def store_plans(batch: Batch, plans: Sequence[Plan], now: datetime) -> tuple[Counter[str], list[Fault]]:
    """Every plan's item exists as the row says, or a fault says why not. Repeating the call changes nothing.

    Returns outcome → rows (created, updated, unchanged, refused) and the faults. A dry run only finds out.
    """
    standing = _standing_items(batch, plans)
    new = [plan for plan in plans if standing.get(plan.name) is None]
    known = [plan for plan in plans if standing.get(plan.name) is not None]
    outcomes = _create(batch, new, now)
    outcomes += batch.each(lambda plan: _bring_up_to_date(batch, standing[plan.name], plan, now), known)
    faults = [fault for _, fault in outcomes if fault is not None]
    return Counter(outcome for outcome, _ in outcomes), faults


def _name_key(batch: Batch, plan: Plan) -> str:
    if batch.kind == "product":
        return names.sku_name(batch.seller.id, plan.name)
    return names.slug_name(batch.kind, plan.name)


def _standing_items(batch: Batch, plans: Sequence[Plan]) -> dict[str, Item]:
    """Name → item, for those rows whose item is there already, another seller's included."""
    keys = {_name_key(batch, plan): plan.name for plan in plans}
    held = names.holders(keys)
    items = {item.id: item for item in stock.KINDS[batch.kind].find_many(held.values())}
    return {keys[key]: items[item_id] for key, item_id in held.items() if item_id in items}


def _item_id(batch: Batch, plan: Plan) -> str:
    """The same id for the same row of the same run, so that a resumed run makes nothing twice."""
    payload = hashlib.sha256(f"{batch.run.id}:{plan.row}".encode()).digest()[:16]
    return id_at(batch.run.created_at, payload)


def _create(batch: Batch, plans: Sequence[Plan], now: datetime) -> list[Outcome]:
    if batch.run.is_dry_run:
        return [("created", None) for _ in plans]
    slugs = batch.each(lambda plan: _claim_names(batch, plan, now), plans)
    outcomes: list[Outcome] = [
        ("refused", _taken(batch, plan)) for plan, slug in zip(plans, slugs, strict=True) if slug is None
    ]
    claimed = [(plan, slug) for plan, slug in zip(plans, slugs, strict=True) if slug is not None]
    batch.each(lambda pair: _receive(batch, pair[0], now), [pair for pair in claimed if pair[0].values.stock])
    stock.KINDS[batch.kind].create_many(
        {
            "id": _item_id(batch, plan),
            "slug": slug,
            **item_columns(batch.kind, plan.values, batch.seller, batch.paths),
            **publication(None, plan.values.status, now),
            **stock_columns(plan.values.stock),
        }
        for plan, slug in claimed
    )
    return outcomes + [("created", None) for _ in claimed]


def _claim_names(batch: Batch, plan: Plan, now: datetime) -> str | None:
    """The new item's slug, its name now its own; None when its name is another's.

    A product's slug ends with its id: unlike a chosen one it needs no claim, which makes imports faster by a third.
    """
    model, item_id = stock.KINDS[batch.kind], _item_id(batch, plan)
    if not names.claim(_name_key(batch, plan), item_id, model, now):
        return None
    if batch.kind == "course":
        return plan.name
    return with_id(slugify(plan.values.title, fallback="product"), item_id)


def _receive(batch: Batch, plan: Plan, now: datetime) -> None:
    reference = stock.item_ref(batch.kind, _item_id(batch, plan))
    stock.receive(reference, plan.values.stock or 0, f"{batch.run.id}:{plan.row}", now)


def _bring_up_to_date(batch: Batch, item: Item, plan: Plan, now: datetime) -> Outcome:
    """Columns without a cell, and empty cells, leave the item as it is."""
    if item.seller_id != batch.seller.id or item.status == "deleted":
        return "refused", _taken(batch, plan)
    changes = _changes(batch, item, plan, now)
    left = plan.values.stock
    moves_stock = left is not None and (not item.is_stock_tracked or item.stock_available != left)
    if not changes and not moves_stock:
        return "unchanged", None
    if batch.run.is_dry_run:
        return "updated", None
    reference = stock.item_ref(batch.kind, item.id)
    if moves_stock and left is not None:
        stock.adjust(reference, left, f"{batch.run.id}:{plan.row}", now)
        changes["is_stock_tracked"] = True
    if changes:
        item.update(**changes)
    if moves_stock:
        stock.refresh_availability(reference)
    return "updated", None


def _changes(batch: Batch, item: Item, plan: Plan, now: datetime) -> dict[str, Any]:
    says = item_columns(batch.kind, plan.values, batch.seller, batch.paths)
    columns = [column for cell in plan.given for column in _COLUMNS_OF_CELL.get(cell, (cell,))]
    wanted = {column: says[column] for column in columns if column in says}
    if wanted.get("status") == "published":
        wanted |= publication(item.published_at, "published", now)
    return {column: value for column, value in wanted.items() if getattr(item, column) != value}


def _taken(batch: Batch, plan: Plan) -> Fault:
    column = "sku" if batch.kind == "product" else "slug"
    return Fault(plan.row, plan.line, column, f"{column}_taken", f"“{plan.name}” belongs to another item")
