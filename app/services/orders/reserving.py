"""The first part of the saga: everything an order wants is held for it, all lines or none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.models import Cart, Course, Order, Product
from app.services.cart import lines as cart_lines
from app.services.catalog import stock
from app.services.orders import holds
from app.services.orders.goods import AlreadyEnrolled
from app.services.orders.states import DONE, RELEASE, moved, noted
from app.utils.errors import DomainError
from app.utils.ids import new_id

SYSTEM = "system"
REFUSALS = (stock.OutOfStock, stock.HoldReleased, AlreadyEnrolled)


@dataclass(frozen=True)
class AtHand:
    """Rows read a moment ago: they spare reads, and no decision rests on them."""

    items: Mapping[tuple[str, str], Course | Product] = field(default_factory=dict)
    cart: Cart | None = None


def reserve(order: Order, now: datetime, make_id: Callable[[], str] = new_id, at_hand: AtHand | None = None) -> Order:
    """An order in `reserving` becomes `pending` with everything held, or `refused` with nothing held.

    May be repeated after a crash at any point. The pending order names its first payment already, so that a repeated
    checkout uses the same one. at_hand: what the same request has read before.
    Raises OutOfStock, AlreadyEnrolled (409, naming the line) when it was refused.
    """
    at_hand = at_hand or AtHand()
    try:
        for line in order.order_lines:
            holds.hold_line(order, line, now, at_hand.items.get((line.kind, line.ref_id)))
    except REFUSALS as refusal:
        _refuse(order, refusal, now)
        raise
    if order.from_cart:
        cart_lines.take_out(cart_lines.owner_of_user(order.user_id), order.id, order.order_lines, at_hand.cart)
    payment_ids = [make_id()] if order.total_cents else []

    def decide(standing: Order) -> dict[str, Any] | None:
        if standing.status != "reserving":
            return None
        return moved(standing, "pending", actor=order.user_id, now=now) | {"payment_ids": payment_ids}

    standing = Order.change(order.key, decide, order)
    if standing.status == "refused":
        release(standing, now)
        raise stock.HoldReleased("This order was refused before.")
    return standing


def _refuse(order: Order, refusal: DomainError, now: datetime) -> None:
    def decide(standing: Order) -> dict[str, Any] | None:
        if standing.status != "reserving":
            return None
        return moved(standing, "refused", actor=SYSTEM, now=now, reason=refusal.code, **refusal.details)

    standing = Order.change(order.key, decide)
    if standing.status == "refused":
        release(standing, now)


def release(order: Order, now: datetime) -> Order:
    """Everything an ended order held is given back, exactly once however often this runs."""
    for line in order.order_lines:
        holds.release_line(order, line, now)

    def decide(standing: Order) -> dict[str, Any] | None:
        if standing.step != RELEASE:
            return None
        return {
            "step": DONE,
            "changed_at": now,
            "timeline": noted(standing.events, "released", actor=SYSTEM, now=now),
        }

    return Order.change(order.key, decide)
