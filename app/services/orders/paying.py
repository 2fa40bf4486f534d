"""The one place where an order becomes paid, whichever way the news of the money came."""

from datetime import datetime
from typing import Any

from app.models import Order
from app.services.orders import announcing, holds
from app.services.orders.states import DONE, FINISH, moved, noted

FREE = "free"


def mark_paid(order_id: str, *, paid_by: str, amount_cents: int, currency: str, now: datetime) -> Order | None:
    """A pending order of this amount is paid by this payment; what follows a payment is then done.

    paid_by: the payment's id, or FREE for a total of 0.
    Returns the order when it is paid by this very payment, now or before; None when the money cannot be used for it
    (unknown, ended, another amount, or paid by another payment) and has to go back.
    """
    seen = Order.find(order_id)
    if seen is None:
        return None
    won = False

    def decide(standing: Order) -> dict[str, Any] | None:
        nonlocal won
        won = standing.status == "pending" and standing.total_cents == amount_cents and standing.currency == currency
        if not won:
            return None
        return moved(standing, "paid", actor=paid_by, now=now) | {"paid_by": paid_by, "paid_at": now}

    order = Order.change(seen.key, decide, seen)
    if won:
        return finish(order, now)
    return order if order.paid_by == paid_by else None


def finish(order: Order, now: datetime) -> Order:
    """All that follows a payment is done: goods are final, places taken, people told. May be repeated.

    Telling comes last; when it fails that is logged and the order stays paid.
    """
    for line in order.order_lines:
        holds.settle_line(order, line, now)
    if order.step == FINISH:
        announcing.order_paid(order, now)

    def decide(standing: Order) -> dict[str, Any] | None:
        if standing.step != FINISH:
            return None
        return {
            "step": DONE,
            "changed_at": now,
            "timeline": noted(standing.events, "settled", actor="system", now=now),
        }

    return Order.change(order.key, decide, order)
