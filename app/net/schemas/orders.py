"""What orders read and answer on the wire."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from app.models import Order, Payment
from app.net.schemas.cart import Kind
from app.net.schemas.common import Body, Id, Instant, MoneyText, Out, PageQuery, PathIds
from app.services.orders.goods import MAX_LINES, WantedLine
from app.services.orders.totals import MAX_QUANTITY
from app.utils.money import to_text
from app.utils.shared import load_shared

NOTE_MAX: int = load_shared("limits")["order_note_max"]
Status = Literal["pending", "paid", "fulfilled", "refunding", "partially_refunded", "refunded", "cancelled", "expired"]
Line = Annotated[str, Field(max_length=200)]


class BillingIn(Body):
    """Who the bill is made out to."""

    name: Line = ""
    company: Line = ""
    tax_id: Annotated[str, Field(max_length=40)] = ""
    address_1: Line = ""
    address_2: Line = ""
    city: Line = ""
    area: Line = ""
    postcode: Annotated[str, Field(max_length=20)] = ""
    country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$", description="ISO 3166-1, two capitals.")] = ""
    phone: Annotated[str, Field(max_length=30)] = ""


class OrderItemIn(Body):
    """A thing and how many of it."""

    kind: Kind
    ref_id: Id
    quantity: int = Field(1, ge=1, le=MAX_QUANTITY)

    def wanted(self) -> WantedLine:
        return WantedLine(self.kind, self.ref_id, self.quantity)


class OrderIn(Body):
    """A purchase. Without `items` everything in the cart is ordered."""

    items: list[OrderItemIn] | None = Field(None, max_length=MAX_LINES)
    provider: str | None = Field(None, max_length=40, description="One of /api/payment/methods; the first if absent.")
    billing: BillingIn = Field(default_factory=lambda: BillingIn())
    note: str = Field("", max_length=NOTE_MAX)


class OrderPath(PathIds):
    order_id: Id


class OrdersQuery(PageQuery):
    status: Status | None = None


class SellerOrdersQuery(OrdersQuery):
    seller_id: Id | None = Field(None, description="One of your schools or stores; all of them if absent.")


class AdminOrdersQuery(OrdersQuery):
    email: str | None = Field(None, max_length=191)


class OrderLineOut(Out):
    """One line as it was when it was ordered."""

    kind: Kind
    ref_id: str
    slug: str
    title: str
    picture: str | None
    seller_id: str
    seller_name: str
    unit_price: MoneyText
    quantity: int
    line_total: MoneyText

    @classmethod
    def of(cls, line: Mapping[str, Any], currency: str) -> Self:
        return cls(
            kind=line["kind"],
            ref_id=line["ref_id"],
            slug=line["slug"],
            title=line["title"],
            picture=line["image"] or None,
            seller_id=line["seller_id"],
            seller_name=line["seller_name"],
            unit_price=to_text(line["unit_price_cents"], currency),
            quantity=line["quantity"],
            line_total=to_text(line["total_cents"], currency),
        )


class OrderSummaryOut(Out):
    """An order in a list."""

    id: str
    status: str
    email: str
    title: str
    items: list[OrderLineOut]
    subtotal: MoneyText
    discount: MoneyText
    credit: MoneyText
    tax: MoneyText
    total: MoneyText
    currency: str
    created_at: Instant
    expires_at: Instant | None = Field(description="Until when a pending order can be paid.")
    paid_at: Instant | None
    cancelled_at: Instant | None

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Self:
        """From a document of the mirror."""
        return cls(**_shared(document))


class OrderEventOut(Out):
    """One thing that happened to an order."""

    at: str
    what: str


class OrderOut(OrderSummaryOut):
    """An order in full."""

    provider: str
    billing: dict[str, str]
    note: str
    payment_id: str | None
    checkout_url: str | None = Field(description="Where a pending order is paid.")
    timeline: list[OrderEventOut]

    @classmethod
    def of(cls, order: Order, payment: Payment | None) -> Self:
        is_payable = order.status == "pending" and payment is not None and payment.status == "waiting"
        return cls(
            **_shared({name: getattr(order, name) for name in _COPIED} | {"lines": order.lines}),
            provider=order.provider,
            billing=order.billing_address,
            note=order.note or "",
            payment_id=payment.id if payment else None,
            checkout_url=payment.checkout_url if payment and is_payable else None,
            timeline=[OrderEventOut(at=event["at"], what=event["what"]) for event in order.events],
        )


class SaleOut(Out):
    """An order as one of its sellers sees it: their own lines only."""

    id: str
    status: str
    items: list[OrderLineOut]
    total: MoneyText = Field(description="Of the seller's own lines.")
    currency: str
    created_at: Instant
    paid_at: Instant | None

    @classmethod
    def of_document(cls, document: Mapping[str, Any], seller_ids: set[str]) -> Self:
        currency = document["currency"]
        lines = [line for line in json.loads(document["lines"]) if line["seller_id"] in seller_ids]
        return cls(
            id=document["id"],
            status=document["status"],
            items=[OrderLineOut.of(line, currency) for line in lines],
            total=to_text(sum(line["total_cents"] for line in lines), currency),
            currency=currency,
            created_at=_instant(document["placed_at"]),
            paid_at=_instant(document.get("paid_at")),
        )


_COPIED = (
    "id", "status", "email", "title", "currency", "subtotal_cents", "discount_cents", "credit_cents", "tax_cents",
    "total_cents", "placed_at", "expires_at", "paid_at", "cancelled_at",
)  # fmt: skip


def _shared(source: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a row and a document both have."""
    currency = source["currency"]
    values: dict[str, Any] = {name: source[name] for name in ("id", "status", "email", "title", "currency")}
    for name in ("subtotal", "discount", "credit", "tax", "total"):
        values[name] = to_text(source[f"{name}_cents"], currency)
    values["items"] = [OrderLineOut.of(line, currency) for line in json.loads(source["lines"])]
    values["created_at"] = _instant(source["placed_at"])
    values["expires_at"] = _instant(source["expires_at"]) if source["status"] == "pending" else None
    values["paid_at"] = _instant(source.get("paid_at"))
    values["cancelled_at"] = _instant(source.get("cancelled_at"))
    return values


def _instant(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
