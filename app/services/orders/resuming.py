"""Jobs: orders whose time is over expire, and what a crash left half done is finished."""

from datetime import datetime, timedelta
from typing import Any

from app.models import Order
from app.plugins.apscheduler import Tally
from app.services.batches import act_on_each
from app.services.orders import ending, paying, reserving
from app.services.orders.states import FINISH, RELEASE, RESERVE

STALE_AFTER = timedelta(seconds=60)
BATCH = 500


def expire_unpaid(fence: Any, now: datetime) -> Tally:
    """Every pending order whose time is over is expired (or paid, when the money came)."""
    query = Order.elastic("status", "pending").where("expires_at", "<=", now)
    due = query.sort("expires_at", "asc").take(BATCH).get()
    return act_on_each(due, lambda order: ending.expire_order(order, now), "expire-unpaid-orders")


def resume_unfinished(fence: Any, now: datetime, *, stale_after: timedelta = STALE_AFTER) -> Tally:
    """Every order that a crash left between two steps goes on from there."""
    query = Order.elastic("step", "in", [RESERVE, FINISH, RELEASE]).where("changed_at", "<=", now - stale_after)
    stuck = query.sort("changed_at", "asc").take(BATCH).get()
    return act_on_each(stuck, lambda order: resume(order.id, now), "resume-orders")


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
            return paying.mark_paid(order.id, paid_by=paying.FREE, amount_cents=0, currency=order.currency, now=now)
        return order
    if order.step == FINISH:
        return paying.finish(order, now)
    if order.step == RELEASE:
        return reserving.release(order, now)
    return order
