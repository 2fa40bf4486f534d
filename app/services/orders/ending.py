"""An unpaid order ends: its owner cancels it, or its time is over. What it held goes back exactly once."""

import logging
from datetime import datetime
from typing import Any

from app.models import Order
from app.services.orders import announcing, reserving
from app.services.orders.reading import get_owned_order
from app.services.orders.states import ensure_can_become, moved
from app.services.payments import settlement

log = logging.getLogger(__name__)


def cancel_order(order_id: str, *, by: str, now: datetime) -> Order:
    """The owner's pending order is cancelled. Money that was on its way already pays it instead.

    Raises NotFound (404), OrderStateConflict (409).
    """
    order = get_owned_order(order_id, by)
    ensure_can_become(order.status, "cancelled")
    settlement.close_payments(order, now)
    return _end(order, "cancelled", actor=by, now=now, also={"cancelled_at": now})


def expire_order(order: Order, now: datetime) -> Order:
    """A pending order whose time is over is expired, unless the provider already has the money: then it is paid.

    Raises OrderStateConflict (409) when it was decided otherwise in the meantime.
    """
    if order.status != "pending" or now < order.expires_at:
        return order
    settlement.close_payments(order, now)
    standing = Order.find_serial(order.id)
    if standing is None or standing.status != "pending":
        return standing or order
    return _end(standing, "expired", actor="system", now=now, also={})


def _end(order: Order, status: str, *, actor: str, now: datetime, also: dict[str, Any]) -> Order:
    ended = Order.change(order.key, lambda standing: moved(standing, status, actor=actor, now=now) | also)
    ended = reserving.release(ended, now)
    if status == "expired":
        announcing.order_expired(ended, now)
    else:
        announcing.order_status_changed(ended, now)
    return ended
