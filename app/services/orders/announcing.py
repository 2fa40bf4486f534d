"""Telling people what happened to an order. The write stands already; nothing here can undo it."""

import logging
from datetime import datetime
from typing import Any

from app.models import Order
from app.plugins.socketio import announce
from app.utils.instants import instant_text

log = logging.getLogger(__name__)


def order_paid(order: Order, now: datetime) -> None:
    """The buyer has a mail and sees the new status; each seller hears of a new order. Never raises."""
    order_status_changed(order, now)
    for seller_id in order.seller_ids or ():
        announce("/seller", seller_id, "order_new", {"id": order.id, "at": instant_text(now), "title": order.title})


def order_status_changed(order: Order, now: datetime) -> None:
    """The buyer's open pages show the new status. Never raises."""
    announce("/user", order.user_id, "order_status", _changed(order, now))


def _changed(order: Order, now: datetime) -> dict[str, Any]:
    return {"id": order.id, "at": instant_text(now), "status": order.status}
