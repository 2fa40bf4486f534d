"""What goes into a cart and out of it. One conditional row holds the whole cart, so no change is ever lost."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from app.models import Cart, CartContent, CartLine, Course, OrderLine, Product
from app.models.cart import packed
from app.services.catalog import stock
from app.services.orders.goods import MAX_LINES, ONE_PER_PERSON, find_items
from app.services.orders.totals import MAX_QUANTITY, MixedCurrencies
from app.utils.errors import ConcurrentChange, DomainError, InvalidValue, NotFound
from app.utils.ids import new_id

APPLIED_KEPT = 50


class OnePerPerson(DomainError):
    """A course is bought once by one person (409)."""

    code, status = "one_per_person", 409


def owner_of_user(user_id: str) -> str:
    """The key of a user's cart."""
    return f"user:{user_id}"


def owner_of_visitor(token: str) -> str:
    """The key of a visitor's cart; the cookie itself is not stored."""
    return f"visitor:{hashlib.sha256(token.encode()).hexdigest()}"


def find_cart(owner: str) -> Cart | None:
    """The cart's row as the last finished write left it."""
    return Cart.find_serial(owner)


def find_content(owner: str) -> CartContent:
    """What that row holds; an empty cart when there is none."""
    row = find_cart(owner)
    return row.held if row is not None else CartContent(id="")


def add_item(owner: str, kind: str, ref_id: str, quantity: int, *, key: str = "") -> CartContent:
    """`quantity` more of a published item lie in the cart; returns the whole cart.

    key: the request's Idempotency-Key; a key that was applied to this cart before adds nothing again, even when the
    process of the first request died before its answer was kept.
    Raises NotFound (404), OutOfStock (409 with `available`), OnePerPerson (409), InvalidValue, MixedCurrencies (422).
    """
    item = load_published(kind, ref_id)

    mark = f"add:{key}"

    def decide(content: CartContent) -> CartContent:
        if key and mark in content.applied:
            return content
        standing = content.line(f"{kind}:{ref_id}")
        line = _line(item, kind, quantity + (standing.quantity if standing else 0))
        if standing is None and len(content.lines) >= MAX_LINES:
            raise InvalidValue("The cart is full.", fields={"ref_id": [f"A cart has {MAX_LINES} lines at most."]})
        if any(other.currency != item.currency for other in content.lines):
            raise MixedCurrencies(
                "Everything in one cart must have one currency.",
                details={"currencies": sorted({item.currency, *(other.currency for other in content.lines)})},
            )
        content = content.with_lines(_with(content.lines, line))
        return replace(content, applied=(*content.applied, mark)[-APPLIED_KEPT:]) if key else content

    return change_content(owner, decide)


def set_quantity(owner: str, line_id: str, quantity: int) -> CartContent:
    """The line's quantity is exactly this; 0 removes it. Its price counts as seen. Returns the whole cart.

    Raises NotFound (404), OutOfStock, OnePerPerson (409), InvalidValue (422).
    """
    if quantity == 0:
        return remove_item(owner, line_id)
    kind, _, ref_id = line_id.partition(":")

    def decide(content: CartContent) -> CartContent:
        if content.line(line_id) is None:
            raise NotFound("There is no such line in the cart.")
        return content.with_lines(_with(content.lines, _line(item, kind, quantity)))

    row = find_cart(owner)
    if row is None or row.held.line(line_id) is None:
        raise NotFound("There is no such line in the cart.")
    item = load_published(kind, ref_id)
    return change_content(owner, decide, seen=row)


def remove_item(owner: str, line_id: str) -> CartContent:
    """The line is gone; returns the rest. Raises NotFound (404) when it was not there."""

    def decide(content: CartContent) -> CartContent:
        if content.line(line_id) is None:
            raise NotFound("There is no such line in the cart.")
        return content.with_lines(tuple(line for line in content.lines if line.id != line_id))

    row = Cart.find(owner)
    if row is None:
        raise NotFound("There is no such line in the cart.")
    return change_content(owner, decide, seen=row)


def empty_cart(owner: str) -> None:
    """The cart holds nothing; an empty one stays empty."""
    row = Cart.find(owner)
    if row is not None:
        change_content(owner, lambda content: content.with_lines(()), seen=row)


def take_out(owner: str, order_id: str, ordered: Sequence[OrderLine], seen: Cart | None = None) -> None:
    """What an order took is gone from the cart, once an order; more of it, added since, stays.

    seen: the cart's row, when it was read before.
    """
    row = seen or Cart.find(owner)
    if row is None:
        return
    taken = {f"{line.kind}:{line.ref_id}": line.quantity for line in ordered}

    def decide(content: CartContent) -> CartContent:
        if order_id in content.applied:
            return content
        left = (replace(line, quantity=line.quantity - taken.get(line.id, 0)) for line in content.lines)
        content = content.with_lines(tuple(line for line in left if line.quantity > 0))
        return replace(content, applied=(*content.applied, order_id)[-APPLIED_KEPT:])

    change_content(owner, decide, seen=row)


def change_content(
    owner: str, decide: Callable[[CartContent], CartContent], *, seen: Cart | None = None
) -> CartContent:
    """The owner's cart, made when missing, becomes what `decide` says of its newest state.

    seen: its row, when it was read before.
    Raises what `decide` raises, and ConcurrentChange (409) for a cart that is being merged into its owner's.
    """
    row = seen or Cart.find(owner)
    if row is None:
        row, is_new = Cart.create_if_absent(owner=owner, content=packed(decide(CartContent(id=new_id()))))
        if is_new:
            return row.held

    def changes(standing: Cart) -> dict[str, str] | None:
        content = standing.held
        if content.merging_into:
            raise ConcurrentChange("This cart is moving to your account. Please try again.")
        after = decide(content)
        return None if after == content else {"content": packed(after)}

    return Cart.change((owner,), changes, row).held


def load_published(kind: str, ref_id: str) -> Course | Product:
    """The item on sale. Raises NotFound (404) for an unknown kind or id and for one not published."""
    item = find_items([(kind, ref_id)]).get((kind, ref_id))
    if item is None or not item.is_published:
        raise NotFound("There is no such item on sale.")
    return item


def _line(item: Course | Product, kind: str, quantity: int) -> CartLine:
    if kind in ONE_PER_PERSON and quantity > 1:
        raise OnePerPerson(f"“{item.title}” can be taken once.", details={"limit": 1})
    if not 1 <= quantity <= MAX_QUANTITY:
        raise InvalidValue("The quantity cannot be accepted.", fields={"quantity": [f"1 to {MAX_QUANTITY} in all."]})
    if item.is_stock_tracked:
        left = stock.balance(stock.item_ref(kind, item.id))
        if quantity > left:
            raise stock.OutOfStock(f"Only {max(left, 0)} left of “{item.title}”.", details={"available": max(left, 0)})
    return CartLine(kind, item.id, quantity, item.price_cents, item.currency)


def _with(lines: tuple[CartLine, ...], line: CartLine) -> tuple[CartLine, ...]:
    if any(other.id == line.id for other in lines):
        return tuple(line if other.id == line.id else other for other in lines)
    return (*lines, line)
