"""Jobs: what our books and the provider's say is brought together again, whatever was lost on the way."""

import logging
from datetime import datetime, timedelta

from app.models import Payment
from app.plugins.sandbox import sandbox
from app.services.payments import refunding, settlement
from app.services.payments.providers import provider_named
from app.utils.charges import ChargeState
from app.utils.errors import DomainError

log = logging.getLogger(__name__)

QUIET_FOR = timedelta(seconds=60)
BATCH = 500


def reconcile_payments(fence: int, now: datetime, *, quiet_for: timedelta = QUIET_FOR) -> dict[str, int]:
    """Every payment with something still to do is asked for at its provider and settled by the answer.

    quiet_for: payments changed more recently are left to those who work on them. Returns done/failed counts.
    """
    query = Payment.elastic("open_work", True).where("changed_at", "<=", now - quiet_for)
    counts = {"done": 0, "failed": 0}
    for payment in query.sort("changed_at", "asc").take(BATCH).get():
        try:
            reconcile_payment(payment.id, now)
            counts["done"] += 1
        except DomainError as fault:
            counts["failed"] += 1
            log.warning("reconcile: %s", fault.code, extra={"payment_id": payment.id})
        except Exception:
            counts["failed"] += 1
            log.exception("reconcile failed", extra={"payment_id": payment.id})
    return counts


def reconcile_payment(payment_id: str, now: datetime) -> Payment | None:
    """One payment agrees with its provider. Raises ProviderUnavailable (502)."""
    payment = Payment.find_serial(payment_id)
    if payment is None or not payment.open_work:
        return payment
    if payment.status == "confirmed":
        return refunding.perform_refunds(payment, now)
    payment, charge = settlement.poll_payment(payment, now)
    if charge.state == ChargeState.OPEN and now >= payment.expires_at:
        closed = provider_named(payment.provider).close(payment.id, payment.provider_ref, now)
        return settlement.settle_payment(payment.id, closed, now)
    return payment


def deliver_sandbox_events(fence: int, now: datetime) -> dict[str, int]:
    """The sandbox provider sends its unconfirmed webhooks again. Returns confirmed/waiting counts."""
    confirmed, waiting = sandbox.deliver_due(now)
    return {"confirmed": confirmed, "waiting": waiting}
