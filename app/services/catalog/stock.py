"""Stock and seats: every movement is a ledger entry, so what is left always equals what came less what went.

An item is named by its reference, `product:<id>` or `course:<id>`. Items that are not tracked never run out and
have no entries. The balance is what can still be promised: a hold takes it away at once, a release gives it back
exactly once, and a settled hold stays gone.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from app.models import Course, Product, StockEntry
from app.plugins.cassandra_cqlengine import BalanceTooLow, Entry, EntryRefused, Snapshot, ledger
from app.utils.errors import ConcurrentChange, DomainError, NotFound

KINDS: dict[str, type[Course] | type[Product]] = {"course": Course, "product": Product}
KIND_OF = {model: kind for kind, model in KINDS.items()}


class OutOfStock(DomainError):
    """Fewer are left than were asked for (409); details: item_ref, available, line."""

    code: ClassVar[str] = "out_of_stock"
    status: ClassVar[int] = 409


class HoldReleased(DomainError):
    """The hold was given back before, so it can neither be taken nor settled (409)."""

    code: ClassVar[str] = "hold_released"
    status: ClassVar[int] = 409


def item_ref(kind: str, item_id: str) -> str:
    """The name of an item's ledger: `product:<id>` or `course:<id>`."""
    return f"{kind}:{item_id}"


def reference_of(item: Course | Product) -> str:
    """The name of this item's ledger."""
    return item_ref(KIND_OF[type(item)], item.id)


def find_item(reference: str) -> Course | Product | None:
    """The row behind a reference, whatever its status; None for an unknown one."""
    kind, _, item_id = reference.partition(":")
    model = KINDS.get(kind)
    return model.find(item_id) if model is not None else None


def load_item(reference: str) -> Course | Product:
    """The row behind a reference. Raises NotFound (404)."""
    item = find_item(reference)
    if item is None:
        raise NotFound("There is no such item.")
    return item


def available(reference: str) -> int | None:
    """What can be promised now, from the ledger; None when the item is not tracked. Raises NotFound."""
    item = load_item(reference)
    return ledger.balance(StockEntry, reference) if item.is_stock_tracked else None


def balance(reference: str) -> int:
    """The ledger's balance, tracked or not; 0 where nothing was ever posted."""
    return ledger.balance(StockEntry, reference)


def balances(items: Iterable[Course | Product]) -> dict[str, int]:
    """Reference → the ledger's balance, of those items that are tracked; read side by side."""
    return ledger.balances(StockEntry, [reference_of(item) for item in items if item.is_stock_tracked])


def hold(reference: str, order_id: str, line_no: int, quantity: int, now: datetime) -> int | None:
    """`hold_item` of the item that this reference names. Raises NotFound (404) and what `hold_item` raises."""
    return hold_item(load_item(reference), order_id, line_no, quantity, now)


def hold_item(item: Course | Product, order_id: str, line_no: int, quantity: int, now: datetime) -> int | None:
    """`quantity` is kept for one line of an order, once however often this is called.

    Returns what is left, or None when the item is not tracked.
    Raises OutOfStock (409), HoldReleased (409: the release came first), ConcurrentChange (409).
    """
    if quantity < 1:
        raise ValueError("A hold takes one or more")
    reference = reference_of(item)
    if item.first_ordered_at is None:
        item.update(first_ordered_at=now)
    if not item.is_stock_tracked:
        return None
    entry = Entry(_entry_id("hold", order_id, line_no), -quantity, "hold", order_id)
    try:
        posting = ledger.post(
            StockEntry, reference, [entry], now=now, floor=0, unless=[_entry_id("release", order_id, line_no)]
        )
    except BalanceTooLow as refusal:
        details = {"item_ref": reference, "available": refusal.available, "line": line_no}
        raise OutOfStock(f"Only {refusal.available} left of “{item.title}”.", details=details) from None
    except EntryRefused:
        raise HoldReleased("What was held for this order has been given back.") from None
    return posting.balance


def release(reference: str, order_id: str, line_no: int, now: datetime) -> bool:
    """What the line held is given back, exactly once; True when this call did it.

    Without a hold it leaves a mark that refuses a hold arriving later. A settled hold is final and stays.
    Raises ConcurrentChange (409).
    """
    held, settled, released = (_entry_id(word, order_id, line_no) for word in ("hold", "settle", "release"))

    def decide(seen: Snapshot) -> list[Entry]:
        if released in seen.entries or settled in seen.entries:
            return []
        hold_entry = seen.entries.get(held)
        return [Entry(released, -hold_entry.amount if hold_entry else 0, "release", order_id)]

    posting = ledger.transact(StockEntry, reference, watch=[held, settled, released], decide=decide, now=now)
    return not posting.already and any(entry.amount for entry in posting.entries)


def settle(reference: str, order_id: str, line_no: int, now: datetime) -> bool:
    """The line is sold: its hold can no longer be given back. True when a hold stands settled, now or before.

    False: nothing was held, as with an item that is not tracked. Raises HoldReleased (409), ConcurrentChange.
    """
    held, settled, released = (_entry_id(word, order_id, line_no) for word in ("hold", "settle", "release"))
    stands = False

    def decide(seen: Snapshot) -> list[Entry]:
        nonlocal stands
        if released in seen.entries and held in seen.entries:
            raise HoldReleased("What was held for this order has been given back.")
        stands = held in seen.entries
        if not stands or settled in seen.entries:
            return []
        return [Entry(settled, 0, "settle", order_id)]

    ledger.transact(StockEntry, reference, watch=[held, settled, released], decide=decide, now=now)
    return stands


def receive(reference: str, quantity: int, delivery_id: str, now: datetime) -> int:
    """`quantity` more have come in, once a `delivery_id`; returns what is left. Raises ConcurrentChange (409)."""
    if quantity < 1:
        raise ValueError("A delivery brings one or more")
    entry = Entry(f"receive:{delivery_id}", quantity, "receive", delivery_id)
    return ledger.post(StockEntry, reference, [entry], now=now).balance


def restock(reference: str, order_id: str, line_no: int, quantity: int, *, refund_id: str, now: datetime) -> int:
    """`quantity` of a sold line came back with a refund, once a refund and line; returns what is left."""
    entry = Entry(f"restock:{refund_id}:{line_no}", quantity, "restock", order_id)
    return ledger.post(StockEntry, reference, [entry], now=now).balance


def adjust(reference: str, target: int, adjustment_id: str, now: datetime) -> int:
    """What can be promised becomes `target` (0 or more), once an `adjustment_id`; returns what is left.

    Sales racing with it are neither lost nor repeated: the difference is taken from the balance it replaces.
    Raises ConcurrentChange (409).
    """
    if target < 0:
        raise ValueError("Stock is never below zero")
    entry_id = f"adjust:{adjustment_id}"

    def decide(seen: Snapshot) -> list[Entry]:
        if entry_id in seen.entries or seen.balance == target:
            return []
        return [Entry(entry_id, target - seen.balance, "adjust", adjustment_id)]

    return ledger.transact(StockEntry, reference, watch=[entry_id], decide=decide, now=now).balance


def was_held(reference: str) -> bool:
    """Whether any order ever held some of this item."""
    rows = StockEntry.objects(ledger_id=reference, entry_id__gte="hold:", entry_id__lt="hold;").limit(1)
    return rows.first() is not None


_REFRESH_ROUNDS = 8


def refresh_availability(reference: str) -> int | None:
    """The item's display copy (`stock_available`, `in_stock`) equals the ledger, and so its mirror does.

    Reads the ledger after the row, and again after each write, until both agree: of several that run at once the
    last one to write has seen the last balance. Returns the copy; None when the item is gone or not tracked.
    Raises ConcurrentChange (409) when sales never pause for `_REFRESH_ROUNDS` rounds.
    """
    for _ in range(_REFRESH_ROUNDS):
        item = find_item(reference)
        if item is None:
            return None
        left = ledger.balance(StockEntry, reference) if item.is_stock_tracked else None
        in_stock = left is None or left > 0
        if item.stock_available == left and item.in_stock == in_stock:
            return left
        item.update(stock_available=left, in_stock=in_stock)
    raise ConcurrentChange("Stock is changing too fast to show it.")


def _entry_id(word: str, order_id: str, line_no: int) -> str:
    return f"{word}:{order_id}:{line_no}"
