"""What is ordered, as order lines: titles, prices and sellers copied from the catalog, refusals by line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.models import Course, CourseEnrollment, OrderLine, Product
from app.services.catalog import stock
from app.services.orders.totals import MAX_QUANTITY, MixedCurrencies
from app.utils.errors import DomainError, InvalidValue
from app.utils.shared import load_shared

MAX_LINES: int = load_shared("limits")["order_lines_max"]
ONE_PER_PERSON = frozenset({"course"})


class EmptyOrder(InvalidValue):
    """There is nothing to order (422)."""

    code = "order_empty"


class OwnItem(DomainError):
    """Nobody buys from themselves (409)."""

    code, status = "own_item", 409


class AlreadyEnrolled(DomainError):
    """The student has a place in this course, or an open order for one (409)."""

    code, status = "already_enrolled", 409


class ItemUnavailable(DomainError):
    """The item is not on sale (409)."""

    code, status = "item_unavailable", 409


@dataclass(frozen=True)
class WantedLine:
    """A thing and how many of it: kind course or product, quantity 1..99."""

    kind: str
    ref_id: str
    quantity: int


def find_items(references: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Course | Product]:
    """(kind, id) → catalog row, for those that exist, whatever their status."""
    found: dict[tuple[str, str], Course | Product] = {}
    for kind, model in stock.KINDS.items():
        wanted = [ref_id for wanted_kind, ref_id in references if wanted_kind == kind]
        for item in model.find_many(wanted) if wanted else ():
            found[kind, item.id] = item
    return found


@dataclass(frozen=True)
class OrderedGoods:
    """What an order is made of: its lines, numbered from 1, their currency, and the catalog rows behind them."""

    lines: tuple[OrderLine, ...]
    currency: str
    items: Mapping[tuple[str, str], Course | Product]


def ordered_goods(wanted: Sequence[WantedLine], *, buyer_id: str) -> OrderedGoods:
    """What these wishes come to; the same thing named twice becomes one line.

    Raises EmptyOrder (422), InvalidValue (422: a quantity), ItemUnavailable, OwnItem, AlreadyEnrolled, OutOfStock
    (409, naming the line).
    """
    merged = merge_wanted(wanted)
    items = find_items([(line.kind, line.ref_id) for line in merged])
    left = stock.balances(items.values())
    lines = []
    currencies = []
    for number, line in enumerate(merged, start=1):
        item = items.get((line.kind, line.ref_id))
        where: dict[str, Any] = {"line": number, "item_ref": stock.item_ref(line.kind, line.ref_id)}
        if item is None or not item.is_published:
            raise ItemUnavailable(f"Line {number} is not on sale any more.", details=where)
        if item.owner_id == buyer_id:
            raise OwnItem(f"“{item.title}” is your own.", details=where)
        ensure_not_enrolled(line, buyer_id, where)
        ensure_in_stock(line, item, left.get(where["item_ref"]), where)
        currencies.append(item.currency)
        lines.append(_copied(number, line, item))
    if len(set(currencies)) > 1:
        raise MixedCurrencies(
            "Everything in one order must have one currency.", details={"currencies": sorted(set(currencies))}
        )
    return OrderedGoods(tuple(lines), currencies[0], items)


def merge_wanted(wanted: Sequence[WantedLine]) -> list[WantedLine]:
    """One line a thing, in the order first named. Raises EmptyOrder, InvalidValue (422)."""
    if not wanted:
        raise EmptyOrder("There is nothing to order.")
    quantities: dict[tuple[str, str], int] = {}
    for line in wanted:
        quantities[line.kind, line.ref_id] = quantities.get((line.kind, line.ref_id), 0) + line.quantity
    if len(quantities) > MAX_LINES:
        raise InvalidValue("Too many lines.", fields={"items": [f"An order has {MAX_LINES} lines at most."]})
    for (kind, _), quantity in quantities.items():
        most = 1 if kind in ONE_PER_PERSON else MAX_QUANTITY
        if not 1 <= quantity <= most:
            raise InvalidValue("A quantity cannot be accepted.", fields={"items": [f"At most {most} of a {kind}."]})
    return [WantedLine(kind, ref_id, quantity) for (kind, ref_id), quantity in quantities.items()]


def ensure_not_enrolled(line: WantedLine, buyer_id: str, where: dict[str, object]) -> None:
    """Raises AlreadyEnrolled (409) when the buyer has, or is buying, a place in this course."""
    if line.kind != "course":
        return
    place = CourseEnrollment.find(line.ref_id, buyer_id)
    if place is not None and place.status in ("reserved", "active"):
        raise AlreadyEnrolled("You have a place in this course already.", details=where)


def ensure_in_stock(line: WantedLine, item: Course | Product, left: int | None, where: dict[str, Any]) -> None:
    """A first look that spares the rows of a hopeless order; the hold itself decides. left: None when not tracked.

    Raises OutOfStock (409).
    """
    if left is not None and left < line.quantity:
        raise stock.OutOfStock(f"Only {max(left, 0)} left of “{item.title}”.", details=where | {"available": left})


def _copied(number: int, line: WantedLine, item: Course | Product) -> OrderLine:
    return OrderLine(
        number=number,
        kind=line.kind,
        ref_id=line.ref_id,
        title=item.title,
        unit_price_cents=item.price_cents,
        quantity=line.quantity,
        total_cents=item.price_cents * line.quantity,
        seller_kind=item.seller_kind,
        seller_id=item.seller_id,
        seller_name=item.seller_name,
        seller_owner_id=item.owner_id,
        slug=item.slug,
        image=item.cover or "",
    )
