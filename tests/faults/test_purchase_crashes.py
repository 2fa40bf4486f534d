"""kill -9 after every single write of a purchase, of an expiry and of a refund: the end state is always the same."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from app.models import CourseEnrollment, OrderClaim, Payment, SandboxCharge, StockEntry
from app.plugins import mail
from app.plugins.cassandra_cqlengine import ledger
from app.plugins.mail.tables import SHARDS, OutgoingMail
from app.plugins.sandbox import books
from app.services.orders import ending, placing, resuming
from app.services.orders.goods import WantedLine
from app.services.payments import reconciling
from app.utils.ids import new_id
from tests.faults.dying_process import environment
from tests.purchases import EXPIRED, NOW, TERMS, Goods, deliver, make_goods, pay_page, place, stands

pytestmark = pytest.mark.usefixtures("app")

A_MINUTE = timedelta(seconds=61)


@contextmanager
def deaths(settings, project, scenario: str) -> Iterator[Callable[[dict[str, str]], bool]]:
    """Call it with an attempt's arguments; the n-th call kills after the n-th write, and says whether it did."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.dying_process", scenario],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(settings),
        cwd=project,
        text=True,
    )

    def attempt(arguments: dict[str, str]) -> bool:
        child.stdin.write(json.dumps(arguments) + "\n")
        child.stdin.flush()
        line = child.stdout.readline()
        assert line, "the dying process ended by itself"
        return json.loads(line)["died"]

    try:
        yield attempt
    finally:
        child.stdin.close()
        child.wait(timeout=30)


def receipts() -> dict[str, int]:
    """Order id → receipts that wait in the mail queue, each of which this process can open."""
    counted: dict[str, int] = {}
    for shard in range(SHARDS):
        for row in OutgoingMail.objects(shard=shard).limit(None):
            event, _, order_id = row.mail_key.partition("/")
            if event == "order_paid":
                assert order_id in mail.opened(row).text
                counted[order_id] = counted.get(order_id, 0) + 1
    return counted


def run_jobs(refresh_index, now) -> None:
    """What the scheduler does, each job twice as after a second crash."""
    for _ in range(2):
        refresh_index()
        resuming.resume_unfinished(None, now)
        reconciling.reconcile_payments(None, now)


def order_of(buyer: str, key: str) -> str | None:
    claim = OrderClaim.find(buyer, key)
    return claim.order_id if claim else None


@pytest.mark.parametrize("kind", ["product", "course"])
def test_a_purchase_killed_after_each_write_ends_paid_once(settings, project, refresh_index, kind):
    tried: list[tuple[Goods, str, str]] = []
    with deaths(settings, project, "purchase") as attempt:
        died = True
        while died:
            goods, buyer, key = make_goods(kind, left=1), new_id(), new_id()
            tried.append((goods, buyer, key))
            died = attempt({"kind": kind, "ref_id": goods.id, "buyer": buyer, "key": key})
    assert len(tried) > 12, "a purchase has more writes than that"
    run_jobs(refresh_index, NOW + A_MINUTE)
    for goods, buyer, key in tried:  # the client, who heard nothing, asks again with the same key
        asked = placing.Purchase(
            buyer, f"{buyer.lower()}@example.com", "sandbox", (WantedLine(kind, goods.id, 1),), key=key
        )
        placed = placing.place_order(asked, TERMS, NOW + A_MINUTE)
        if placed.order.status == "pending":
            _, event_id = books.pay(placed.payment.id, NOW + A_MINUTE)
            if event_id:
                deliver(placed.payment.id, event_id, NOW + A_MINUTE)
    run_jobs(refresh_index, NOW + 3 * A_MINUTE)
    mails = receipts()
    for number, (goods, buyer, key) in enumerate(tried, start=1):
        assert_sold_once(goods, buyer, order_of(buyer, key), mails, f"killed after write {number} of {len(tried)}")


def assert_sold_once(goods: Goods, buyer: str, order_id: str, mails: dict[str, int], when: str) -> None:
    order = stands(order_id)
    assert (order.status, order.step) == ("paid", "done"), when
    assert [event["what"] for event in order.events] == ["placed", "pending", "paid", "settled"], when
    payments = Payment.find_many(order.payment_ids)
    assert [(p.status, p.captured_cents, p.refunded_cents, p.open_work) for p in payments] == [
        ("confirmed", 1999, 0, False)
    ], when
    charges = SandboxCharge.find_many(order.payment_ids)
    assert [(charge.state, charge.amount_cents, charge.refunded_cents) for charge in charges] == [("paid", 1999, 0)], (
        when
    )
    assert ledger.audit(StockEntry, goods.reference) == 0, when
    kinds = sorted(entry.kind for entry in ledger.entries(StockEntry, goods.reference))
    assert kinds == ["hold", "receive", "settle"], when
    assert mails.get(order_id) == 1, when
    if goods.kind == "course":
        assert CourseEnrollment.find(goods.id, buyer).status == "active", when


def test_a_purchase_whose_client_never_comes_back_ends_paid_or_free_again(settings, project, refresh_index):
    tried: list[tuple[Goods, str, str]] = []
    with deaths(settings, project, "purchase") as attempt:
        died = True
        while died:
            goods, buyer, key = make_goods("product", left=1), new_id(), new_id()
            tried.append((goods, buyer, key))
            died = attempt({"kind": "product", "ref_id": goods.id, "buyer": buyer, "key": key})
    run_jobs(refresh_index, NOW + A_MINUTE)
    refresh_index()
    resuming.expire_unpaid(None, EXPIRED)
    run_jobs(refresh_index, EXPIRED + A_MINUTE)
    ends = {"none": 0, "expired": 0, "paid": 0}
    for number, (goods, buyer, key) in enumerate(tried, start=1):
        when = f"killed after write {number} of {len(tried)}"
        order_id = order_of(buyer, key)
        order = placing.Order.find_serial(order_id) if order_id else None
        if order is None:
            ends["none"] += 1
            assert ledger.audit(StockEntry, goods.reference) == 1, when
            continue
        ends[order.status] += 1
        assert order.step == "done", when
        assert ledger.audit(StockEntry, goods.reference) == (0 if order.status == "paid" else 1), when
        charge = SandboxCharge.find(order.payment_ids[0]) if order.payment_ids else None
        assert (charge is not None and charge.state == "paid") == (order.status == "paid"), when
        payment = Payment.find(order.payment_ids[0]) if order.payment_ids else None
        assert payment is None or not payment.open_work, when
    assert ends["expired"] > 0
    assert ends["paid"] > 0


def test_an_expiry_killed_after_each_write_gives_back_once(settings, project, refresh_index):
    tried: list[tuple[Goods, str]] = []
    with deaths(settings, project, "expire") as attempt:
        died = True
        while died:
            goods = make_goods("course", left=2)
            order_id = place(goods.wanted()).order.id
            tried.append((goods, order_id))
            died = attempt({"order_id": order_id})
    refresh_index()
    resuming.expire_unpaid(None, EXPIRED)
    run_jobs(refresh_index, EXPIRED + A_MINUTE)
    for number, (goods, order_id) in enumerate(tried, start=1):
        when = f"killed after write {number} of {len(tried)}"
        order = stands(order_id)
        assert (order.status, order.step) == ("expired", "done"), when
        assert [event["what"] for event in order.events] == ["placed", "pending", "expired", "released"], when
        assert ledger.audit(StockEntry, goods.reference) == 2, when
        assert Payment.find(order.payment_ids[0]).status == "rejected", when
        assert SandboxCharge.find(order.payment_ids[0]).state == "closed", when
        assert CourseEnrollment.find(goods.id, order.user_id).status == "released", when


def test_an_automatic_refund_killed_after_each_write_returns_the_money_once(settings, project, refresh_index):
    tried: list[str] = []
    with deaths(settings, project, "settle_ended") as attempt:
        died = True
        while died:
            placed = place(make_goods("product", price="30.00", left=1).wanted())
            order = stands(placed.order.id)
            order.update_if_unchanged(payment_ids=[])  # the provider could not be reached when the order ended
            ending.cancel_order(order.id, by=order.user_id, now=NOW)
            pay_page(placed.payment)
            tried.append(placed.payment.id)
            died = attempt({"payment_id": placed.payment.id})
    run_jobs(refresh_index, EXPIRED + A_MINUTE)
    for number, payment_id in enumerate(tried, start=1):
        when = f"killed after write {number} of {len(tried)}"
        payment, charge = Payment.find(payment_id), SandboxCharge.find(payment_id)
        assert (payment.status, payment.refunded_cents, payment.open_work) == ("refunded", 3000, False), when
        assert (charge.refunded_cents, len(charge.refund_amounts)) == (3000, 1), when
