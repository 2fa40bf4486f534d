"""Is every order whole? The books of orders, stock, payments and the provider, held against each other."""

from collections import Counter
from collections.abc import Iterable, Iterator

from app.models import Order, Payment, SandboxCharge, StockEntry
from app.plugins.cassandra_cqlengine import Model, ledger
from app.plugins.cassandra_cqlengine.ledger import LedgerUnbalanced
from app.plugins.cassandra_cqlengine.scan import every_row
from tests.purchases import Goods
from tests.shopper import Shopper

STEPS = {"pending": "await_payment", "paid": "done", "cancelled": "done", "expired": "done", "refused": "done"}
HOLDS = {
    "pending": [{"hold"}],
    "paid": [{"hold", "settle"}],
    "cancelled": [{"hold", "release"}],
    "expired": [{"hold", "release"}],
    "refused": [{"hold", "release"}, {"release"}],
}
CHARGES = {"pending": {"open", "declined"}, "paid": {"paid"}, "cancelled": {"closed"}, "expired": {"closed"}}


def rows_of(model: type[Model]) -> Iterator[Model]:
    """Every row of a table."""
    return (model._construct_instance(dict(row)) for row in every_row(model))


def all_orders() -> list[Order]:
    """Every order as the last finished write left it."""
    keys = [row["id"] for row in every_row(Order)]
    return [order for key in keys if (order := Order.find_serial(key)) is not None]


def half_done(shoppers: Iterable[Shopper]) -> list[str]:
    """Orders on which somebody still has to work, and acknowledged payments that are not booked yet."""
    open_orders = [f"{o.id} {o.status}/{o.step}" for o in all_orders() if STEPS.get(o.status) != o.step]
    charges = {row["reference"] for row in every_row(SandboxCharge) if row["state"] == "paid"}
    payments = Payment.find_many(charges)
    waiting = [f"payment {p.id} {p.status}" for p in payments if p.status != "confirmed" or p.open_work]
    promised = {order_id for shopper in shoppers for order_id in shopper.paid}
    unpaid = [f"{order.id} {order.status}" for order in Order.find_many(promised) if order.status != "paid"]
    return open_orders + waiting + unpaid


def faults(shoppers: Iterable[Shopper], goods: Iterable[Goods], pieces: int) -> list[str]:
    """All that is wrong; empty when every acknowledged answer holds and no order is half done.

    pieces: how many of each of the goods came in.
    """
    people = list(shoppers)
    orders = {order.id: order for order in all_orders()}
    found = [fault for shopper in people for fault in _broken_promises(shopper, orders)]
    for order in orders.values():
        found += _faults_of_order(order)
    for each in goods:
        found += _faults_of_ledger(each, pieces, orders)
    found += _faults_of_charges(orders)
    known = {order_id for shopper in people for order_id in shopper.ordered.values()}
    per_buyer = Counter(order.user_id for order in orders.values())
    for shopper in people:
        if per_buyer[shopper.id] > max(1, len(shopper.ordered)):
            extra = [o.id for o in orders.values() if o.user_id == shopper.id and o.id not in known]
            found.append(f"{shopper.email} has more orders than were asked for: {extra}")
    return found


def _broken_promises(shopper: Shopper, orders: dict[str, Order]) -> Iterator[str]:
    for order_id in shopper.ordered.values():
        if order_id not in orders:
            yield f"the acknowledged order {order_id} is gone"
    for order_id in shopper.paid:
        if orders[order_id].status != "paid":
            yield f"the acknowledged payment of {order_id} left it {orders[order_id].status}"


def _faults_of_order(order: Order) -> Iterator[str]:
    name = f"order {order.id} ({order.status})"
    if STEPS.get(order.status) != order.step:
        yield f"{name} is half done: {order.step}"
    told = Counter(event["what"] for event in order.events)
    if repeated := [what for what, count in told.items() if count > 1]:
        yield f"{name}: {repeated} happened more than once"
    payments = Payment.find_many(order.payment_ids or [])
    confirmed = [p for p in payments if p.status == "confirmed"]
    captured = sum(p.captured_cents - p.refunded_cents for p in payments)
    if order.status == "paid":
        if [p.id for p in confirmed] != [order.paid_by] or captured != order.total_cents:
            yield f"{name} was paid by {order.paid_by}: {[(p.id, p.status, p.captured_cents) for p in payments]}"
    elif confirmed or captured:
        yield f"{name} keeps {captured} cents of money"


def _faults_of_ledger(goods: Goods, pieces: int, orders: dict[str, Order]) -> Iterator[str]:
    entries: dict[str, set[str]] = {}
    for entry in ledger.entries(StockEntry, goods.reference):
        if entry.kind != "receive":
            entries.setdefault(entry.reference, set()).add(entry.kind)
    gone = 0
    for order in orders.values():
        for line in order.order_lines:
            if f"{line.kind}:{line.ref_id}" != goods.reference:
                continue
            kinds = entries.pop(order.id, set())
            if kinds not in HOLDS.get(order.status, []):
                yield f"order {order.id} is {order.status} with {sorted(kinds)} in the stock of {goods.reference}"
            gone += line.quantity if order.status in ("pending", "paid") else 0
    if entries:
        yield f"{goods.reference} has entries of unknown orders: {entries}"
    try:
        if (left := ledger.audit(StockEntry, goods.reference)) != pieces - gone:
            yield f"{goods.reference}: {left} left of {pieces} after {gone} went"
    except LedgerUnbalanced as fault:
        yield str(fault)


def _faults_of_charges(orders: dict[str, Order]) -> Iterator[str]:
    order_of = {payment_id: order for order in orders.values() for payment_id in order.payment_ids or []}
    for row in every_row(SandboxCharge):
        order = order_of.get(row["reference"])
        if order is None:
            yield f"the charge {row['reference']} ({row['state']}) belongs to no order"
        elif row["state"] not in CHARGES.get(order.status, set()):
            yield f"the provider's charge of {order.id} ({order.status}) is {row['state']}"
        elif row["state"] == "paid" and (row["amount_cents"], row["refunded_cents"]) != (order.total_cents, 0):
            yield f"the provider took {row['amount_cents']} and gave back {row['refunded_cents']} for {order.id}"
