"""Money's one way in. Webhook, polling and closing all end in `settle_payment`, so they can race harmlessly."""

import json
import logging
from datetime import datetime
from typing import Any

from app.models import Order, Payment, PaymentRefund
from app.models.payments import packed_refunds
from app.services.orders import paying
from app.services.payments import announcing, refunding
from app.services.payments.providers import provider_named
from app.services.payments.states import can_become, moved
from app.utils.charges import ChargeState, ChargeStatus, ProviderUnavailable
from app.utils.errors import NotFound

log = logging.getLogger(__name__)

AUTOMATIC = "automatic"


def settle_payment(payment_id: str, charge: ChargeStatus, now: datetime) -> Payment:
    """The payment, and the order behind it, are as the provider's word on the charge says.

    Any number of times, in any order, from any number of processes: one payment, one paid order, or the money back
    once. charge: what the provider's books say, from a verified event or asked by us.
    Raises NotFound (404) for a payment this product never asked for.
    """
    payment = Payment.find_serial(payment_id)
    if payment is None:
        raise NotFound("There is no such payment.")
    if charge.state in (ChargeState.DECLINED, ChargeState.CLOSED):
        return _reject(payment, charge, now)
    if charge.state != ChargeState.PAID:
        return payment
    if (charge.amount_cents, charge.currency.upper()) != (payment.amount_cents, payment.currency):
        return _distrust(payment, charge, now)
    return _accept(payment, charge, now)


def _accept(payment: Payment, charge: ChargeStatus, now: datetime) -> Payment:
    if payment.status in ("refunded", "error"):
        return payment
    order = None
    if not any(refund.key == AUTOMATIC for refund in payment.refund_list):
        order = paying.mark_paid(
            payment.related_id,
            paid_by=payment.id,
            amount_cents=payment.amount_cents,
            currency=payment.currency,
            now=now,
        )
    confirmed = _confirm(payment, charge, now, is_wanted=order is not None)
    return confirmed if order is not None else refunding.perform_refunds(confirmed, now)


def _confirm(payment: Payment, charge: ChargeStatus, now: datetime, *, is_wanted: bool) -> Payment:
    """The money is booked as captured; money for an order that cannot use it is marked, in the same write, to go
    back whole."""
    won = False

    def decide(standing: Payment) -> dict[str, Any] | None:
        nonlocal won
        won = can_become(standing.status, "confirmed")
        if not won:
            return None
        changes = moved(
            standing, "confirmed", now, captured_cents=charge.amount_cents, settled_at=now, open_work=not is_wanted
        )
        if not is_wanted:
            back = PaymentRefund(AUTOMATIC, charge.amount_cents, "order_not_payable", "requested")
            changes["refunds"] = packed_refunds((*standing.refund_list, back))
        return changes

    confirmed = Payment.change(payment.key, decide, payment)
    if won:
        announcing.payment_status_changed(confirmed, now)
    return confirmed


def _reject(payment: Payment, charge: ChargeStatus, now: datetime) -> Payment:
    won = False

    def decide(standing: Payment) -> dict[str, Any] | None:
        nonlocal won
        won = standing.status == "waiting"
        if not won:
            return None
        return moved(standing, "rejected", now, failure=charge.reason or charge.state.value, open_work=False)

    rejected = Payment.change(payment.key, decide)
    if won:
        announcing.payment_status_changed(rejected, now)
    return rejected


def _distrust(payment: Payment, charge: ChargeStatus, now: datetime) -> Payment:
    """Another amount or currency came than was asked for: the order stays as it is, and staff is alerted."""
    won = False

    def decide(standing: Payment) -> dict[str, Any] | None:
        nonlocal won
        won = can_become(standing.status, "error")
        if not won:
            return None
        wrong = json.dumps({"amount_cents": charge.amount_cents, "currency": charge.currency})
        return moved(
            standing,
            "error",
            now,
            failure=f"amount_mismatch {wrong}",
            captured_cents=charge.amount_cents,
            open_work=False,
        )

    wrong = Payment.change(payment.key, decide)
    if won:
        announcing.alert("payment_amount_mismatch", wrong, now)
    return wrong


def poll_payment(payment: Payment, now: datetime) -> tuple[Payment, ChargeStatus]:
    """The provider was asked, and the payment settled by its answer. Raises ProviderUnavailable (502)."""
    provider = provider_named(payment.provider)
    charge = provider.status(payment.id, payment.provider_ref)
    return settle_payment(payment.id, charge, now), charge


def close_payments(order: Order, now: datetime) -> None:
    """No page of this order can be paid any more; one that was paid already is settled as such.

    A provider that does not answer is left to the reconcile job: money that still comes goes back by itself.
    """
    for payment_id in order.payment_ids or ():
        payment = Payment.find(payment_id)
        if payment is not None and payment.status != "waiting":
            continue
        try:
            provider = provider_named(payment.provider if payment else order.provider)
            charge = provider.close(payment_id, payment.provider_ref if payment else "", now)
        except (ProviderUnavailable, NotFound):
            log.warning("a payment page could not be closed", extra={"payment_id": payment_id})
            continue
        if payment is not None:
            settle_payment(payment_id, charge, now)
