"""A purchase begins: from a cart or a list of items to a pending order that can be paid."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.models import Order, OrderClaim, OrderLine, Payment
from app.models.orders import packed_lines
from app.services.cart import lines as cart_lines
from app.services.catalog import stock
from app.services.orders import goods, paying, reserving
from app.services.orders.states import RESERVE, noted
from app.services.orders.totals import PricedLine, Totals, compute_totals
from app.services.payments import checkout
from app.services.payments.checkout import CheckoutTerms
from app.utils.ids import new_id


@dataclass(frozen=True)
class Purchase:
    """What a person asks for. `wanted` None: everything in their cart.

    key: the request's Idempotency-Key; the same key of the same user stands for the same order.
    """

    user_id: str
    email: str
    provider: str
    wanted: tuple[goods.WantedLine, ...] | None = None
    billing: dict[str, str] = field(default_factory=dict)
    note: str = ""
    key: str = ""


@dataclass(frozen=True)
class Placed:
    """A placed order and the payment it waits for; None when nothing is to pay."""

    order: Order
    payment: Payment | None


def place_order(purchase: Purchase, terms: CheckoutTerms, now: datetime, make_id: Callable[[], str] = new_id) -> Placed:
    """A pending order with everything held and a place to pay, or a paid one when the total is 0.

    A repeated key returns the first order, finished as far as the first request did not come.
    Raises EmptyOrder, MixedCurrencies, InvalidValue (422), OutOfStock, OwnItem, AlreadyEnrolled, ItemUnavailable,
    OrderStateConflict (409), ProviderUnavailable (502: the order stays pending).
    """
    order_id, is_new = _claimed_id(purchase, make_id)
    order, at_hand = (None if is_new else Order.find_serial(order_id)), reserving.AtHand()
    if order is None:
        order, at_hand = _create(order_id, purchase, terms, now)
    if order.status == "reserving":
        order = reserving.reserve(order, now, make_id, at_hand)
    if order.status == "pending" and order.total_cents == 0:
        paid = paying.mark_paid(order.id, paid_by=paying.FREE, amount_cents=0, currency=order.currency, now=now)
        return Placed(paid or order, None)
    if order.status == "pending":
        return Placed(order, checkout.open_checkout(order, terms, now, make_id, is_first=is_new))
    return Placed(order, Payment.find(order.payment_ids[-1]) if order.payment_ids else None)


def _claimed_id(purchase: Purchase, make_id: Callable[[], str]) -> tuple[str, bool]:
    """The order's id, and whether no request has used it before."""
    if not purchase.key:
        return make_id(), True
    claim, is_new = OrderClaim.create_if_absent(owner=purchase.user_id, request_key=purchase.key, order_id=make_id())
    return claim.order_id, is_new


def _create(order_id: str, purchase: Purchase, terms: CheckoutTerms, now: datetime) -> tuple[Order, reserving.AtHand]:
    wanted: Sequence[goods.WantedLine] = purchase.wanted or ()
    cart = None
    if purchase.wanted is None:
        cart = cart_lines.find_cart(cart_lines.owner_of_user(purchase.user_id))
        in_cart = cart.held.lines if cart is not None else ()
        wanted = [goods.WantedLine(line.kind, line.ref_id, line.quantity) for line in in_cart]
    ordered = goods.ordered_goods(wanted, buyer_id=purchase.user_id)
    lines, currency = ordered.lines, ordered.currency
    totals = compute_totals(
        [PricedLine(line.unit_price_cents, line.quantity, currency) for line in lines], currency=currency
    )
    order, _ = Order.create_if_absent(
        id=order_id,
        user_id=purchase.user_id,
        email=purchase.email,
        status="reserving",
        step=RESERVE,
        lines=packed_lines(lines),
        title=_title(lines),
        line_count=len(lines),
        seller_ids=sorted({line.seller_id for line in lines}),
        item_refs=[stock.item_ref(line.kind, line.ref_id) for line in lines],
        billing=json.dumps(purchase.billing, ensure_ascii=False),
        note=purchase.note,
        provider=purchase.provider,
        from_cart=purchase.wanted is None,
        placed_at=now,
        expires_at=now + timedelta(minutes=terms.hold_minutes),
        changed_at=now,
        timeline=noted([], "placed", actor=purchase.user_id, now=now),
        **_amounts(totals),
    )
    return order, reserving.AtHand(ordered.items, cart)


def _amounts(totals: Totals) -> dict[str, Any]:
    return {
        "currency": totals.currency,
        "subtotal_cents": totals.subtotal_cents,
        "discount_cents": totals.discount_cents,
        "credit_cents": totals.credit_cents,
        "tax_cents": totals.tax_cents,
        "total_cents": totals.total_cents,
    }


def _title(lines: tuple[OrderLine, ...]) -> str:
    more = len(lines) - 1
    return lines[0].title + (f" and {more} more" if more else "")
