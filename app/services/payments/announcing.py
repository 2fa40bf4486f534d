"""Telling people what happened to a payment. The write stands already; nothing here can undo it."""

import logging
from datetime import datetime

from app.models import Order, Payment, PaymentRefund
from app.plugins.socketio import announce
from app.services import messages
from app.utils.instants import instant_text

log = logging.getLogger(__name__)


def payment_status_changed(payment: Payment, now: datetime) -> None:
    """The payer's open pages show the new status. Never raises."""
    payload = {
        "id": payment.id,
        "at": instant_text(now),
        "status": payment.status,
        "related_kind": payment.related_kind,
        "related_id": payment.related_id,
    }
    announce("/user", payment.user_id, "payment_status", payload)


def money_went_back(payment: Payment, refund: PaymentRefund, now: datetime) -> None:
    """The buyer of a refunded order hears of it, once a refund. Never raises."""
    if payment.related_kind == "order" and (order := Order.find(payment.related_id)) is not None:
        messages.order_refunded(order, f"{payment.id}:{refund.key}", refund.amount_cents, now)


def alert(kind: str, payment: Payment, now: datetime) -> None:
    """Staff must look at this payment: it is in the log, and on their open pages. Never raises."""
    log.error("payment alert: %s", kind, extra={"payment_id": payment.id, "order_id": payment.related_id})
    announce("/admin", "staff", "alert", {"id": payment.id, "at": instant_text(now), "kind": kind})
