"""A pending order gets a place where it can be paid."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.models import Order, Payment
from app.services.orders.states import OrderStateConflict
from app.services.payments.providers import provider_named
from app.services.payments.settlement import poll_payment
from app.utils.charges import ChargeLine, ChargeRequest, ChargeState
from app.utils.ids import new_id


@dataclass(frozen=True)
class CheckoutTerms:
    """What settings say of a checkout: the site's address, how long goods are held, the currency of nothing."""

    site_url: str
    hold_minutes: int
    default_currency: str = "USD"


def open_checkout(
    order: Order,
    terms: CheckoutTerms,
    now: datetime,
    make_id: Callable[[], str] = new_id,
    *,
    is_first: bool = False,
) -> Payment:
    """The payment this order waits for, with the provider's page; an open one is used again.

    is_first: the order was made by this very request, so that no payment of it is looked for.

    Each step may be repeated: the order names the payment before the provider hears of it, and the payment's id is
    the provider's idempotency key.
    Raises OrderStateConflict (409), ProviderUnavailable (502; the order stays pending).
    """
    ensure_payable(order, now)
    standing = Payment.find_serial(order.payment_ids[-1]) if order.payment_ids and not is_first else None
    if standing is not None:
        standing, charge = poll_payment(standing, now)
        if charge.state == ChargeState.OPEN and standing.status == "waiting":
            return standing
        ensure_payable(Order.find_serial(order.id) or order, now)
        order = _with_new_payment(order, standing.id, now, make_id)
    provider = provider_named(order.provider)
    request = _request(order, terms)
    page = provider.create(request, now)
    payment, _ = Payment.create_if_absent(
        id=request.reference,
        user_id=order.user_id,
        related_kind="order",
        related_id=order.id,
        provider=provider.name,
        provider_ref=page.provider_ref,
        checkout_url=page.url,
        status="waiting",
        amount_cents=order.total_cents,
        currency=order.currency,
        open_work=True,
        requested_at=now,
        expires_at=order.expires_at,
        changed_at=now,
    )
    return payment


def ensure_payable(order: Order, now: datetime) -> None:
    """Raises OrderStateConflict (409) unless the order waits for a payment and its time is not over."""
    if order.status != "pending" or now >= order.expires_at:
        status = "expired" if order.status == "pending" else order.status
        raise OrderStateConflict(f"This order is {status} and cannot be paid.", details={"status": status})


def _with_new_payment(order: Order, spent_id: str, now: datetime, make_id: Callable[[], str]) -> Order:
    payment_id = make_id()

    def decide(standing: Order) -> dict[str, Any] | None:
        ensure_payable(standing, now)
        if standing.payment_ids[-1] != spent_id:
            return None
        return {"payment_ids": [*standing.payment_ids, payment_id], "changed_at": now}

    return Order.change(order.key, decide)


def _request(order: Order, terms: CheckoutTerms) -> ChargeRequest:
    back = f"{terms.site_url}/order?id={order.id}&status="
    return ChargeRequest(
        reference=order.payment_ids[-1],
        amount_cents=order.total_cents,
        currency=order.currency,
        email=order.email,
        lines=tuple(
            ChargeLine(line.title, line.unit_price_cents, line.quantity, line.seller_name) for line in order.order_lines
        ),
        success_url=back + "success",
        cancel_url=back + "cancel",
        expires_at=order.expires_at,
        metadata=(("order_id", order.id),),
    )
