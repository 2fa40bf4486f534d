"""Orders as their people see them: one by id from Cassandra, lists from the mirror's documents."""

from collections.abc import Sequence
from typing import Any

from app.models import Order
from app.services import stores
from app.services.accounts.rights import Person, ensure_may
from app.utils.errors import NotFound

SALE_READ = "orders.sale.read"
HIDDEN = ("reserving", "refused")
SHOWN = ("pending", "paid", "fulfilled", "refunding", "partially_refunded", "refunded", "cancelled", "expired")


def get_owned_order(order_id: str, user_id: str) -> Order:
    """The user's own order as the last finished write left it. Raises NotFound (404), for another's too."""
    order = Order.find_serial(order_id)
    if order is None or order.user_id != user_id or order.status in HIDDEN:
        raise NotFound("There is no such order.")
    return order


def page_of_own(user_id: str, *, status: str | None, size: int, after: list[Any] | None) -> Any:
    """One page of a user's orders, newest first. Raises SearchUnavailable (503)."""
    query = Order.elastic("user_id", user_id).where("status", "in", [status] if status else list(SHOWN))
    return query.sort("id", "desc").page(size, after=after)


def sellers_to_show(person: Person, seller_id: str | None) -> set[str]:
    """The ids of the schools and stores whose sales the person may read; of the named one only, if one is named.

    Raises NotFound (404) for another's or an unknown one, Forbidden (403) when only this right is missing there.
    """
    if seller_id is None:
        return {seller.id for seller in stores.sellers_of(person, SALE_READ)}
    ensure_may(person, SALE_READ, stores.any_seller(seller_id))
    return {seller_id}


def page_of_sellers(seller_ids: Sequence[str], *, status: str | None, size: int, after: list[Any] | None) -> Any:
    """One page of the orders that hold a line of these sellers, newest first. Raises SearchUnavailable (503)."""
    query = Order.elastic("seller_ids", "in", list(seller_ids))
    query = query.where("status", "in", [status] if status else list(SHOWN))
    return query.sort("id", "desc").page(size, after=after)


def page_of_all(*, status: str | None, email: str | None, size: int, after: list[Any] | None) -> Any:
    """One page of all orders for staff, newest first. Raises SearchUnavailable (503)."""
    query = Order.elastic("status", "in", [status] if status else [*SHOWN, *HIDDEN])
    if email:
        query = query.where("email", email.lower())
    return query.sort("id", "desc").page(size, after=after)


def find_orders(order_ids: Sequence[str]) -> list[Order]:
    """The rows of these ids, in their order; for pages that show more than a document holds."""
    return Order.find_many(order_ids)
