"""Payments as their people see them."""

from app.models import Payment
from app.utils.errors import NotFound


def get_owned_payment(payment_id: str, user_id: str) -> Payment:
    """The user's own payment as the last finished write left it. Raises NotFound (404), for another's too."""
    payment = Payment.find_serial(payment_id)
    if payment is None or payment.user_id != user_id:
        raise NotFound("There is no such payment.")
    return payment


def current_payment(payment_ids: list[str]) -> Payment | None:
    """The newest of an order's payments; None before the first."""
    return Payment.find(payment_ids[-1]) if payment_ids else None
