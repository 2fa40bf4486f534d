"""A cart as it is shown: today's prices, what changed since, and the totals that an order would charge."""

from dataclasses import dataclass

from app.models import CartContent, CartLine, Course, Product
from app.services.catalog import stock
from app.services.orders.goods import find_items
from app.services.orders.totals import PricedLine, Totals, compute_totals


@dataclass(frozen=True)
class ShownLine:
    """One line now. `left` is None for an untracked item; an unavailable line is not part of the totals."""

    line: CartLine
    item: Course | Product | None
    is_available: bool
    left: int | None
    price_changed: bool
    total_cents: int


@dataclass(frozen=True)
class ShownCart:
    """All lines in the order they were added, and the totals of those that can be ordered."""

    lines: tuple[ShownLine, ...]
    totals: Totals


def show(content: CartContent, default_currency: str) -> ShownCart:
    """The cart with current prices; default_currency names the totals of an empty cart."""
    items = find_items([(line.kind, line.ref_id) for line in content.lines])
    currency = next(
        (item.currency for line in content.lines if (item := items.get((line.kind, line.ref_id)))), default_currency
    )
    left = stock.balances(items.values())
    lines = tuple(_shown(line, items.get((line.kind, line.ref_id)), currency, left) for line in content.lines)
    priced = [
        PricedLine(shown.item.price_cents, shown.line.quantity, shown.item.currency)
        for shown in lines
        if shown.is_available and shown.item is not None
    ]
    return ShownCart(lines, compute_totals(priced, currency=currency))


def _shown(line: CartLine, item: Course | Product | None, currency: str, balances: dict[str, int]) -> ShownLine:
    if item is None or not item.is_published or item.currency != currency:
        return ShownLine(line, item, False, None, False, 0)
    left = balances.get(stock.item_ref(line.kind, line.ref_id))
    return ShownLine(
        line=line,
        item=item,
        is_available=left is None or left >= line.quantity,
        left=left,
        price_changed=(item.price_cents, item.currency) != (line.price_seen_cents, line.currency),
        total_cents=item.price_cents * line.quantity,
    )
