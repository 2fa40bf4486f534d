"""A visitor logs in: what they put aside comes with them, once, whatever happens on the way."""

from dataclasses import replace

from app.models import Cart, CartContent, CartLine
from app.models.cart import packed
from app.services.cart.lines import APPLIED_KEPT, change_content, owner_of_user, owner_of_visitor
from app.services.catalog import stock
from app.services.orders.goods import ONE_PER_PERSON, find_items
from app.services.orders.totals import MAX_QUANTITY
from app.utils.errors import ConcurrentChange, NotFound


def merge(visitor_token: str, user_id: str) -> bool:
    """The visitor's cart is part of the user's and gone; True when there was something to merge.

    Quantities are summed and cut to stock, to 99, and to one for a course. Three steps that may each be repeated
    after a crash: close the visitor's cart for this user, take it into the user's under its id, delete it.
    """
    owner = owner_of_visitor(visitor_token)
    row = Cart.find(owner)
    if row is None:
        return False

    def closing(standing: Cart) -> dict[str, str] | None:
        content = standing.held
        if content.merging_into:
            return None
        return {"content": packed(replace(content, merging_into=user_id))}

    try:
        row = Cart.change((owner,), closing)
    except NotFound:
        return False  # another request of the same login was faster
    brought = row.held
    if brought.merging_into != user_id:
        return False
    if brought.lines:
        change_content(owner_of_user(user_id), lambda content: combined(content, brought))
    try:
        row.delete_if_unchanged()
    except ConcurrentChange:
        return False
    return bool(brought.lines)


def combined(content: CartContent, brought: CartContent) -> CartContent:
    """The user's cart with a visitor's taken in; unchanged when that one was taken in before."""
    if brought.id in content.applied:
        return content
    currency = content.lines[0].currency if content.lines else ""
    lines = list(content.lines)
    items = find_items([(line.kind, line.ref_id) for line in brought.lines])
    left = stock.balances(items.values())
    for line in brought.lines:
        item = items.get((line.kind, line.ref_id))
        currency = currency or line.currency
        if item is None or not item.is_published or line.currency != currency:
            continue
        standing = content.line(line.id)
        most = min(MAX_QUANTITY, left.get(stock.item_ref(line.kind, line.ref_id), MAX_QUANTITY))
        merged = merged_line(standing, line, most)
        if merged is None:
            continue
        lines = [merged if other.id == line.id else other for other in lines]
        if standing is None:
            lines.append(merged)
    return replace(content, lines=tuple(lines), applied=(*content.applied, brought.id)[-APPLIED_KEPT:])


def merged_line(standing: CartLine | None, brought: CartLine, most: int) -> CartLine | None:
    """Both quantities together, cut to `most` and to one for a course; never less than stood there, None for 0."""
    limit = 1 if brought.kind in ONE_PER_PERSON else most
    before = standing.quantity if standing else 0
    quantity = max(before, min(before + brought.quantity, limit))
    return replace(standing or brought, quantity=quantity) if quantity > 0 else None
