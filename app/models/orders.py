"""Orders, the places they give, and the claims that keep a repeated request from making a second order."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from app.plugins.cassandra_cqlengine import ConditionalModel, columns
from app.plugins.cassandra_cqlengine_elastic import MirroredModel


@dataclass(frozen=True)
class OrderLine:
    """One position of an order. Title, price and seller are copies: later edits do not change the order."""

    number: int
    kind: str
    ref_id: str
    title: str
    unit_price_cents: int
    quantity: int
    total_cents: int
    seller_kind: str
    seller_id: str
    seller_name: str
    seller_owner_id: str
    slug: str = ""
    image: str = ""


class Order(ConditionalModel, MirroredModel):
    """One purchase and the state of its saga. Read path: one order by its id.

    `status` is what people see, `step` what the saga still has to do; both change in one conditional write, and the
    timeline entry is part of that same write, so the trail never tells anything else than the row.
    email: where its mails go; empty for a buyer who has only a phone.
    """

    __table_name__ = "market_order"

    id = columns.Text(partition_key=True)
    user_id = columns.Text(required=True)
    email = columns.Text(default="")
    status = columns.Text(required=True)
    step = columns.Text(required=True)
    lines = columns.Text(required=True)
    title = columns.Text(required=True)
    line_count = columns.Integer(required=True)
    seller_ids = columns.List(columns.Text)
    item_refs = columns.List(columns.Text)
    currency = columns.Text(required=True)
    subtotal_cents = columns.BigInt(required=True)
    discount_cents = columns.BigInt(required=True, default=0)
    credit_cents = columns.BigInt(required=True, default=0)
    tax_cents = columns.BigInt(required=True, default=0)
    total_cents = columns.BigInt(required=True)
    coupon = columns.Text(default="")
    billing = columns.Text(default="{}")
    note = columns.Text(default="")
    provider = columns.Text(default="")
    payment_ids = columns.List(columns.Text)
    paid_by = columns.Text(default="")
    from_cart = columns.Boolean(default=False)
    placed_at = columns.DateTime(required=True)
    expires_at = columns.DateTime(required=True)
    paid_at = columns.DateTime()
    cancelled_at = columns.DateTime()
    changed_at = columns.DateTime(required=True)
    timeline = columns.Text(required=True)

    @property
    def order_lines(self) -> tuple[OrderLine, ...]:
        return tuple(OrderLine(**line) for line in json.loads(self.lines))

    @property
    def events(self) -> list[dict[str, Any]]:
        """The audit trail, oldest first: `at` (ISO text), `actor`, `what`, and `details` when there are any."""
        return json.loads(self.timeline)

    @property
    def billing_address(self) -> dict[str, str]:
        return json.loads(self.billing or "{}")


def packed_lines(lines: tuple[OrderLine, ...]) -> str:
    """The text of an order's `lines` column."""
    return json.dumps([asdict(line) for line in lines], ensure_ascii=False, separators=(",", ":"))


class OrderClaim(ConditionalModel):
    """The order that one idempotency key of one user stands for. Read path: (user, key)."""

    __table_name__ = "order_claim"
    __options__ = {"default_time_to_live": 2 * 24 * 3600}

    owner = columns.Text(partition_key=True)
    request_key = columns.Text(primary_key=True)
    order_id = columns.Text(required=True)


class CourseEnrollment(ConditionalModel, MirroredModel):
    """One student's place in one course. Read path: (course, student); all students of a course.

    The row is made when an order reserves the place, so a student cannot hold or buy two places in one course.
    """

    __table_name__ = "course_enrollment"

    course_id = columns.Text(partition_key=True)
    user_id = columns.Text(primary_key=True)
    order_id = columns.Text(required=True)
    status = columns.Text(required=True)
    title = columns.Text(required=True)
    price_cents = columns.BigInt(required=True)
    currency = columns.Text(required=True)
    reserved_at = columns.DateTime(required=True)
    enrolled_at = columns.DateTime()
