"""Jobs: what our books and the provider's say is brought together again, whatever was lost on the way."""

from datetime import datetime, timedelta
from typing import Any

from app.models import Payment
from app.plugins.apscheduler import Tally
from app.plugins.sandbox import sandbox
from app.services.batches import act_on_each
from app.services.payments import refunding, settlement
from app.services.payments.providers import provider_named
from app.utils.charges import ChargeState

QUIET_FOR = timedelta(seconds=60)
BATCH = 500


def reconcile_payments(fence: Any, now: datetime, *, quiet_for: timedelta = QUIET_FOR) -> Tally:
    """Every payment with something still to do is asked for at its provider and settled by the answer.

    quiet_for: payments changed more recently are left to those who work on them.
    """
    query = Payment.elastic("open_work", True).where("changed_at", "<=", now - quiet_for)
    waiting = query.sort("changed_at", "asc").take(BATCH).get()
    return act_on_each(waiting, lambda payment: reconcile_payment(payment.id, now), "reconcile-payments")


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


def deliver_sandbox_events(fence: Any, now: datetime) -> Tally:
    """The sandbox provider sends its unconfirmed webhooks again; those still unconfirmed count as failed."""
    confirmed, waiting = sandbox.deliver_due(now)
    return Tally(confirmed, waiting)
