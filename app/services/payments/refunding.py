"""Money's one way back, through the provider that brought it."""

import logging
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.models import Payment, PaymentRefund
from app.models.payments import packed_refunds
from app.services.payments import announcing
from app.services.payments.providers import provider_named
from app.utils.charges import ProviderUnavailable, RefundRefused

log = logging.getLogger(__name__)


def perform_refunds(payment: Payment, now: datetime) -> Payment:
    """Every refund the payment's row asks for is made at its provider, once each by its key.

    A provider that does not answer leaves the row asking, and the reconcile job tries again.
    """
    for refund in payment.refund_list:
        if refund.state != "requested":
            continue
        try:
            receipt = provider_named(payment.provider).refund(
                payment.id, payment.provider_ref, refund.amount_cents, f"{payment.id}:{refund.key}", now
            )
        except ProviderUnavailable:
            log.warning("refund postponed", extra={"payment_id": payment.id})
            continue
        except RefundRefused:
            payment = _note(payment, replace(refund, state="refused"), 0, now)
            announcing.alert("refund_refused", payment, now)
            continue
        made = replace(refund, state="done", provider_ref=receipt.provider_ref)
        payment = _note(payment, made, receipt.amount_cents, now)
        announcing.money_went_back(payment, made, now)
    return payment


def _note(payment: Payment, refund: PaymentRefund, returned_cents: int, now: datetime) -> Payment:
    won = False

    def decide(standing: Payment) -> dict[str, Any] | None:
        nonlocal won
        won = any(other.key == refund.key and other.state == "requested" for other in standing.refund_list)
        if not won:
            return None
        refunds = tuple(refund if other.key == refund.key else other for other in standing.refund_list)
        refunded = standing.refunded_cents + returned_cents
        changes: dict[str, Any] = {
            "refunds": packed_refunds(refunds),
            "refunded_cents": refunded,
            "open_work": any(other.state == "requested" for other in refunds),
            "changed_at": now,
        }
        if refunded == standing.captured_cents and standing.status == "confirmed":
            changes["status"] = "refunded"
        return changes

    noted = Payment.change(payment.key, decide)
    if won:
        announcing.payment_status_changed(noted, now)
    return noted
