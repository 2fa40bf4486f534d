"""Orders: placing, reading, cancelling, and paying again; the seller's and the staff's lists."""

from typing import Any

from flask import Response, current_app, request

from app.env import Settings
from app.models import Order
from app.net.answers import created, created_answer, list_answer, listed, one, one_answer
from app.net.http.cart import cart_owner
from app.net.middlewares.access import current_user, in_person_required, login_required, permission_required
from app.net.middlewares.blueprints import ApiBlueprint
from app.net.pages import after_of, next_of
from app.net.schemas.orders import (
    AdminOrdersQuery,
    OrderIn,
    OrderOut,
    OrderPath,
    OrdersQuery,
    OrderSummaryOut,
    SaleOut,
    SellerOrdersQuery,
)
from app.services.orders import ending, placing, reading
from app.services.payments.checkout import CheckoutTerms, open_checkout
from app.services.payments.providers import chosen_method
from app.services.payments.reading import current_payment
from app.utils.clock import utc_now

orders = ApiBlueprint("orders", url_prefix="/api/orders", tag="Orders")
sales = ApiBlueprint("sales", url_prefix="/api/seller", tag="Selling")
admin_orders = ApiBlueprint("admin_orders", url_prefix="/api/admin/orders", tag="Administration")


@orders.post("", answers=created_answer(OrderOut), errors=(409, 502), idempotent=True)
@in_person_required
def create_order(body: OrderIn) -> Response:
    """Order the given items or the whole cart. What is limited is held at once; `checkout_url` is where to pay."""
    if body.items is None:
        cart_owner()
    purchase = placing.Purchase(
        user_id=current_user.id,
        email=current_user.email,
        provider=chosen_method(body.provider),
        wanted=None if body.items is None else tuple(item.wanted() for item in body.items),
        billing={name: text for name, text in body.billing.model_dump().items() if text},
        note=body.note,
        key=request.headers.get("Idempotency-Key", ""),
    )
    placed = placing.place_order(purchase, _terms(), now=utc_now())
    return created(OrderOut.of(placed.order, placed.payment), location=f"/api/orders/{placed.order.id}")


@orders.get("", answers=list_answer(OrderSummaryOut))
@login_required
def list_orders(query: OrdersQuery) -> Response:
    """My orders, newest first."""
    page = reading.page_of_own(current_user.id, status=query.status, size=query.size, after=after_of(query))
    return _listed(query, page, [OrderSummaryOut.of_document(document) for document in page.documents])


@orders.get("/<order_id>", answers=one_answer(OrderOut))
@login_required
def read_order(path: OrderPath) -> Response:
    """One of my orders."""
    return one(_shown(reading.get_owned_order(path.order_id, current_user.id)))


@orders.post("/<order_id>/cancel", answers=one_answer(OrderOut), errors=(409,), idempotent=True)
@login_required
def cancel_order(path: OrderPath) -> Response:
    """Cancel a pending order; what it held goes back on sale."""
    return one(_shown(ending.cancel_order(path.order_id, by=current_user.id, now=utc_now())))


@orders.post("/<order_id>/checkout", answers=created_answer(OrderOut), errors=(409, 502), idempotent=True)
@in_person_required
def create_checkout(path: OrderPath) -> Response:
    """A place to pay a pending order; a new one when the last one failed."""
    order = reading.get_owned_order(path.order_id, current_user.id)
    payment = open_checkout(order, _terms(), now=utc_now())
    order = reading.get_owned_order(path.order_id, current_user.id)
    return created(OrderOut.of(order, payment), location=f"/api/payment/status/{payment.id}")


@sales.get("/orders", answers=list_answer(SaleOut), errors=(404,))
@permission_required(reading.SALE_READ)
def list_sales(query: SellerOrdersQuery) -> Response:
    """Orders that hold lines of my schools and stores, newest first."""
    own = reading.sellers_to_show(current_user, query.seller_id)
    page = reading.page_of_sellers(sorted(own), status=query.status, size=query.size, after=after_of(query))
    return _listed(query, page, [SaleOut.of_document(document, own) for document in page.documents])


@admin_orders.get("", answers=list_answer(OrderSummaryOut))
@permission_required("orders.order.manage")
def list_all_orders(query: AdminOrdersQuery) -> Response:
    """The orders of everybody, newest first."""
    page = reading.page_of_all(status=query.status, email=query.email, size=query.size, after=after_of(query))
    return _listed(query, page, [OrderSummaryOut.of_document(document) for document in page.documents])


def _shown(order: Order) -> OrderOut:
    return OrderOut.of(order, current_payment(order.payment_ids or []))


def _listed(query: OrdersQuery, page: Any, entries: list[Any]) -> Response:
    return listed(entries, size=query.size, total=page.total, next=next_of(query, page.next))


def _terms() -> CheckoutTerms:
    settings: Settings = current_app.config["SETTINGS"]
    return CheckoutTerms(settings.site_url, settings.order_hold_minutes, settings.default_currency)
