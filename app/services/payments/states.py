"""The payment's state machine."""

from datetime import datetime
from typing import Any

from app.models import Payment
from app.utils.errors import DomainError
from app.utils.statuses import transitions

TRANSITIONS = transitions("payment")


class PaymentStateConflict(DomainError):
    """The payment is in a status from which this cannot happen (409)."""

    code, status = "payment_state", 409


def can_become(status: str, following: str) -> bool:
    """Whether a payment in `status` may go to `following`. Raises KeyError for an unknown status."""
    return following in TRANSITIONS[status]


def moved(payment: Payment, following: str, now: datetime, **also: Any) -> dict[str, Any]:
    """The column changes that take the payment to `following`. Raises PaymentStateConflict (409)."""
    if not can_become(payment.status, following):
        raise PaymentStateConflict(
            f"A payment that is {payment.status} cannot become {following}.",
            details={"status": payment.status, "wanted": following},
        )
    return {"status": following, "changed_at": now} | also
