"""Messages that the clock brings: reminders before a hold ends, and what a seller's day brought."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.models import Order, School, Store, User
from app.plugins import mail, sms
from app.plugins.apscheduler import Tally
from app.services import messages
from app.services.batches import act_on_each

REMIND_BEFORE = timedelta(minutes=10)
BATCH = 500
PAGE_SIZE = 500
BEST_SHOWN = 5
DIGEST_JOB = "seller-digests"
DAYS_MADE_UP = 7


@dataclass(frozen=True)
class Digest:
    """One seller's paid orders of one UTC day. totals: currency → minor units; best: (title, quantity), most first."""

    seller_id: str
    seller_kind: str
    seller_name: str
    day: date
    order_count: int
    item_count: int
    totals: dict[str, int]
    best: list[tuple[str, int]]


def send_mails(fence: Any, now: datetime) -> mail.Drained:
    """Every queued mail that is due was tried once."""
    return mail.drain(now)


def send_sms(fence: Any, now: datetime) -> sms.Drained:
    """Every queued text that is due was tried once."""
    return sms.drain(now)


def remind_of_unpaid_orders(fence: Any, now: datetime) -> Tally:
    """Each pending order whose hold ends within REMIND_BEFORE is told of once; the message's key sees to that."""
    query = Order.elastic("status", "pending").where("expires_at", "<between", [now, now + REMIND_BEFORE])
    due = [order for order in query.sort("expires_at", "asc").take(BATCH).get() if order.status == "pending"]
    return act_on_each(due, lambda order: messages.order_reminder(order, now), "unpaid-order-reminders")


def send_seller_digests(fence: Any, now: datetime) -> Tally:
    """Each seller has one mail about each day (UTC) on which something was sold, the latest being yesterday.

    Days that could not be told of in time are made up, DAYS_MADE_UP at most; the last told day is written under the
    fence, so a scheduler that slept cannot turn it back.
    """
    done = failed = 0
    for day in days_to_tell(fence.recall(DIGEST_JOB).get("told_until"), now):
        tally = act_on_each(digests_of(day, paid_orders(day)), lambda d: _send_digest(d, now), DIGEST_JOB)
        done, failed = done + tally.done, failed + tally.failed
        fence.remember(DIGEST_JOB, told_until=day.isoformat())
    return Tally(done, failed)


def days_to_tell(told_until: str | None, now: datetime) -> list[date]:
    """The days after `told_until` (ISO date) up to yesterday, the last DAYS_MADE_UP of them; at first yesterday."""
    yesterday = now.astimezone(UTC).date() - timedelta(days=1)
    days = [yesterday - timedelta(days=back) for back in reversed(range(DAYS_MADE_UP))]
    if told_until is None:
        return days[-1:]
    return [day for day in days if day > date.fromisoformat(told_until)]


def paid_orders(day: date) -> list[Order]:
    """All orders paid on a UTC day, read from the rows themselves, page by page."""
    start = datetime.combine(day, time(), UTC)
    query = Order.elastic("paid_at", "between>", [start, start + timedelta(days=1)])
    orders: list[Order] = []
    after = None
    while True:
        page = query.page(PAGE_SIZE, after)
        orders += Order.find_many(document["id"] for document in page.documents)
        after = page.next
        if after is None:
            return orders


def digests_of(day: date, orders: list[Order]) -> list[Digest]:
    """What each seller sold in these orders, by the sellers' ids."""
    lines: dict[str, list[tuple[Order, Any]]] = {}
    for order in orders:
        for line in order.order_lines:
            lines.setdefault(line.seller_id, []).append((order, line))
    return [_digest(day, seller_id, sold) for seller_id, sold in sorted(lines.items())]


def _digest(day: date, seller_id: str, sold: list[tuple[Order, Any]]) -> Digest:
    totals: Counter[str] = Counter()
    quantities: Counter[str] = Counter()
    for order, line in sold:
        totals[order.currency] += line.total_cents
        quantities[line.title] += line.quantity
    first = sold[0][1]
    return Digest(
        seller_id=seller_id,
        seller_kind=first.seller_kind,
        seller_name=first.seller_name,
        day=day,
        order_count=len({order.id for order, _ in sold}),
        item_count=sum(quantities.values()),
        totals=dict(totals),
        best=sorted(quantities.items(), key=lambda pair: (-pair[1], pair[0]))[:BEST_SHOWN],
    )


def _send_digest(digest: Digest, now: datetime) -> None:
    seller = (School if digest.seller_kind == "school" else Store).find(digest.seller_id)
    owner = User.find(seller.owner_id) if seller is not None else None
    if seller is None or owner is None:
        return
    messages.seller_digest(digest, email=seller.email or owner.email, user_id=owner.id, now=now)
