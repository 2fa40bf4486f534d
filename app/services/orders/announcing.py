"""Telling people what happened to an order. The write stands already; nothing here can undo it."""

import logging
from datetime import datetime

from app.models import Order
from app.plugins.socketio import announce
from app.services import messages, stores
from app.utils.instants import instant_text

log = logging.getLogger(__name__)


def order_paid(order: Order, now: datetime) -> None:
    """The buyer has a receipt and sees the new status; each seller hears of a new order. Never raises."""
    messages.order_paid(order)
    order_status_changed(order, now)
    for seller_kind, seller_id in sorted({(line.seller_kind, line.seller_id) for line in order.order_lines}):
        _tell_seller(order, seller_kind, seller_id, now)


def order_expired(order: Order, now: datetime) -> None:
    """The buyer hears that the hold is over. Never raises."""
    messages.order_expired(order, now)
    order_status_changed(order, now)


def order_status_changed(order: Order, now: datetime) -> None:
    """The buyer's open pages show the new status. Never raises."""
    announce("/user", order.user_id, "order_status", _payload(order, now) | {"status": order.status})


def _tell_seller(order: Order, seller_kind: str, seller_id: str, now: datetime) -> None:
    announce("/seller", seller_id, "order_new", _payload(order, now) | {"store_id": seller_id, "title": order.title})
    try:
        seller = stores.SELLER_KINDS[seller_kind].find(seller_id)
        if seller is not None and seller.email:
            messages.seller_order_new(order, seller_id=seller_id, email=seller.email, user_id=seller.owner_id, now=now)
    except Exception:
        log.exception("seller not told", extra={"order_id": order.id})


def _payload(order: Order, now: datetime) -> dict[str, str]:
    return {"id": order.id, "at": instant_text(now)}
