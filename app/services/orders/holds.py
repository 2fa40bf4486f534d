"""What an order holds of the limited things: stock, seats, and the student's place. Every call may be repeated."""

from datetime import datetime
from typing import Any

from app.models import Course, CourseEnrollment, Order, OrderLine, Product
from app.services.catalog import display, stock
from app.services.orders.goods import AlreadyEnrolled


def hold_line(order: Order, line: OrderLine, now: datetime, item: Course | Product | None = None) -> None:
    """The line's goods are kept for this order. item: the catalog row, when it was read before.

    Raises OutOfStock, AlreadyEnrolled, HoldReleased (409), each naming the line.
    """
    if line.kind == "course":
        _reserve_place(order, line, now)
    reference = stock.item_ref(line.kind, line.ref_id)
    wanted = (order.id, line.number, line.quantity, now)
    left = stock.hold_item(item, *wanted) if item is not None else stock.hold(reference, *wanted)
    if left == 0:
        stock.refresh_availability(reference)


def release_line(order: Order, line: OrderLine, now: datetime) -> None:
    """What the line held is given back, exactly once, and a hold arriving later is refused."""
    reference = stock.item_ref(line.kind, line.ref_id)
    if stock.release(reference, order.id, line.number, now):
        stock.refresh_availability(reference)
    if line.kind == "course":
        _release_place(order, line, now)


def settle_line(order: Order, line: OrderLine, now: datetime) -> None:
    """The line is sold for good: its stock is final, and a student has the place."""
    reference = stock.item_ref(line.kind, line.ref_id)
    if stock.settle(reference, order.id, line.number, now):
        display.refresh_soon(reference)
    if line.kind == "course":
        _take_place(order, line, now)


def _reserve_place(order: Order, line: OrderLine, now: datetime) -> None:
    place, is_new = CourseEnrollment.create_if_absent(
        course_id=line.ref_id,
        user_id=order.user_id,
        order_id=order.id,
        status="reserved",
        title=line.title,
        price_cents=line.unit_price_cents,
        currency=order.currency,
        reserved_at=now,
    )
    if is_new:
        return

    def decide(standing: CourseEnrollment) -> dict[str, Any] | None:
        if standing.order_id == order.id:
            if standing.status == "released":
                raise stock.HoldReleased("The place held for this order has been given back.")
            return None
        if standing.status in ("reserved", "active"):
            raise AlreadyEnrolled(
                "You have a place in this course already.",
                details={"line": line.number, "item_ref": stock.item_ref(line.kind, line.ref_id)},
            )
        return {
            "order_id": order.id,
            "status": "reserved",
            "title": line.title,
            "price_cents": line.unit_price_cents,
            "currency": order.currency,
            "reserved_at": now,
        }

    CourseEnrollment.change(place.key, decide)


def _release_place(order: Order, line: OrderLine, now: datetime) -> None:
    place, is_new = CourseEnrollment.create_if_absent(
        course_id=line.ref_id,
        user_id=order.user_id,
        order_id=order.id,
        status="released",
        title=line.title,
        price_cents=line.unit_price_cents,
        currency=order.currency,
        reserved_at=now,
    )
    if is_new:
        return

    def decide(standing: CourseEnrollment) -> dict[str, Any] | None:
        if standing.order_id == order.id and standing.status == "reserved":
            return {"status": "released"}
        return None

    CourseEnrollment.change(place.key, decide)


def _take_place(order: Order, line: OrderLine, now: datetime) -> None:
    def decide(standing: CourseEnrollment) -> dict[str, Any] | None:
        if standing.order_id == order.id and standing.status == "reserved":
            return {"status": "active", "enrolled_at": now}
        return None

    CourseEnrollment.change((line.ref_id, order.user_id), decide)
