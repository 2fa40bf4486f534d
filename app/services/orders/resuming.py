"""Jobs: orders whose time is over expire, and what a crash left half done is finished."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from app.models import Order
from app.services.orders import ending, paying, reserving
from app.services.orders.states import FINISH, RELEASE, RESERVE
from app.utils.errors import DomainError

log = logging.getLogger(__name__)

STALE_AFTER = timedelta(seconds=60)
BATCH = 500


def expire_unpaid(fence: int, now: datetime) -> dict[str, int]:
    """Every pending order whose time is over is expired (or paid, when the money came). Returns done/failed counts."""
    query = Order.elastic("status", "pending").where("expires_at", "<=", now)
    due = query.sort("expires_at", "asc").take(BATCH).get()
    return _each(due, lambda order: ending.expire_order(order, now), "expire-unpaid-orders")


def resume_unfinished(fence: int, now: datetime, *, stale_after: timedelta = STALE_AFTER) -> dict[str, int]:
    """Every order that a crash left between two steps goes on from there. Returns done/failed counts."""
    query = Order.elastic("step", "in", [RESERVE, FINISH, RELEASE]).where("changed_at", "<=", now - stale_after)
    stuck = query.sort("changed_at", "asc").take(BATCH).get()
    return _each(stuck, lambda order: resume(order.id, now), "resume-orders")


def resume(order_id: str, now: datetime) -> Order | None:
    """One order does the step its row names. A refusal while reserving is an end like any other, not a failure."""
    order = Order.find_serial(order_id)
    if order is None:
        return None
    if order.step == RESERVE:
        try:
            order = reserving.reserve(order, now)
        except reserving.REFUSALS:
            return Order.find_serial(order_id)
        if order.status == "pending" and order.total_cents == 0:
            return paying.mark_paid(
                order.id, paid_by=paying.FREE, amount_cents=0, currency=order.currency, now=now
            )
        return order
    if order.step == FINISH:
        return paying.finish(order, now)
    if order.step == RELEASE:
        return reserving.release(order, now)
    return order


def _each(orders: list[Order], act: Callable[[Order], object], job: str) -> dict[str, int]:
    counts = {"done": 0, "failed": 0}
    for order in orders:
        try:
            act(order)
            counts["done"] += 1
        except DomainError as fault:
            counts["failed"] += 1
            log.warning("%s: %s", job, fault.code, extra={"order_id": order.id})
        except Exception:
            counts["failed"] += 1
            log.exception("%s failed", job, extra={"order_id": order.id})
    return counts
