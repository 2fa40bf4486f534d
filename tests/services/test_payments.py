"""Money in and out: webhooks, polling, mismatches, refunds."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from unittest.mock import Mock

import pytest

from app.models import CourseEnrollment, Payment, SandboxCharge, StockEntry, WebhookEvent
from app.plugins.cassandra_cqlengine import ledger
from app.plugins.mail.tables import SHARDS, OutgoingMail
from app.plugins.sandbox import books, sandbox
from app.plugins.sandbox.signatures import HEADER, sign
from app.services.catalog import stock
from app.services.orders import ending
from app.services.payments import reconciling, webhooks
from app.services.payments.checkout import open_checkout
from app.services.payments.settlement import poll_payment, settle_payment
from app.services.payments.webhooks import receive_event
from app.utils.charges import BadSignature, ChargeState, ChargeStatus
from app.utils.errors import NotFound, StoreUnavailable
from app.utils.ids import new_id
from tests.purchases import (
    EXPIRED,
    NOW,
    TERMS,
    deliver,
    make_goods,
    pay,
    pay_page,
    payment_stands,
    place,
    signed,
    stands,
)

pytestmark = pytest.mark.usefixtures("app")


def receipts(order_id: str) -> int:
    """How many receipts for this order wait in the mail queue."""
    rows = (row for shard in range(SHARDS) for row in OutgoingMail.objects(shard=shard).limit(None))
    return sum(row.mail_key.endswith(order_id) and "order_paid" in row.mail_key for row in rows)


def test_a_paid_page_pays_the_order_by_its_event():
    lamp = make_goods(price="19.99", left=2)
    placed = place(lamp.wanted())
    order = pay(placed)
    payment = payment_stands(placed.payment.id)
    assert (order.status, order.step, order.paid_at) == ("paid", "done", NOW)
    assert (payment.status, payment.captured_cents, payment.open_work) == ("confirmed", 1999, False)
    assert ledger.audit(StockEntry, lamp.reference) == 1
    stock.release(lamp.reference, order.id, 1, NOW)
    assert stock.balance(lamp.reference) == 1, "what is sold cannot be given back"
    assert [event["what"] for event in order.events] == ["placed", "pending", "paid", "settled"]
    assert order.events[2]["actor"] == payment.id


def test_the_same_event_ten_times_at_once_is_one_payment_one_mail_one_place():
    course = make_goods("course", left=3)
    placed = place(course.wanted())
    event = signed(placed.payment.id, pay_page(placed.payment))
    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(lambda _: receive_event("sandbox", event.body, event.headers, NOW), range(10)))
    assert set(results) == {"confirmed"}
    order, payment = stands(placed.order.id), payment_stands(placed.payment.id)
    assert (order.status, payment.status, payment.captured_cents) == ("paid", "confirmed", payment.amount_cents)
    assert [event["what"] for event in order.events].count("paid") == 1
    assert receipts(order.id) == 1
    students = list(CourseEnrollment.objects(course_id=course.id))
    assert [(student.user_id, student.status) for student in students] == [(order.user_id, "active")]
    assert ledger.audit(StockEntry, course.reference) == 2


def test_events_shuffled_and_polled_between_end_the_same():
    placed = place(make_goods(left=1).wanted())
    paid = pay_page(placed.payment)
    _, refunded = books.refund(placed.payment.id, 500, "by-hand", NOW)
    deliveries = [paid, refunded] * 4
    random.Random(7).shuffle(deliveries)
    for event_id in deliveries:
        deliver(placed.payment.id, event_id)
        poll_payment(payment_stands(placed.payment.id), NOW)
    assert stands(placed.order.id).status == "paid"
    assert payment_stands(placed.payment.id).status == "confirmed"


def test_a_known_event_has_no_second_effect():
    placed = place(make_goods().wanted())
    event_id = pay_page(placed.payment)
    assert deliver(placed.payment.id, event_id) == "confirmed"
    before = stands(placed.order.id).write_token
    assert deliver(placed.payment.id, event_id) == "confirmed"
    assert stands(placed.order.id).write_token == before


@pytest.mark.parametrize("position", [0, 20, 60, -1])
def test_a_body_altered_by_one_byte_leaves_no_trace(position):
    placed = place(make_goods().wanted())
    event = signed(placed.payment.id, pay_page(placed.payment))
    altered = bytearray(event.body)
    altered[position] ^= 1
    with pytest.raises(BadSignature):
        receive_event("sandbox", bytes(altered), event.headers, NOW)
    assert stands(placed.order.id).status == "pending"
    assert WebhookEvent.find("sandbox", json.loads(event.body)["id"]) is None


def test_the_tolerance_is_300_seconds():
    placed = place(make_goods().wanted())
    event_id = pay_page(placed.payment)
    event = signed(placed.payment.id, event_id)
    for late in (timedelta(seconds=301), timedelta(seconds=-301)):
        with pytest.raises(BadSignature):
            receive_event("sandbox", event.body, event.headers, NOW + late)
    assert WebhookEvent.find("sandbox", event_id) is None
    assert stands(placed.order.id).status == "pending"
    assert receive_event("sandbox", event.body, event.headers, NOW + timedelta(seconds=300)) == "confirmed"


@pytest.mark.parametrize("header", [None, "", "t=1", "v1=ab", "t=x,v1=ab", "t=1,t=2,v1=ab", "t=1,v1=é"])
def test_a_header_that_cannot_be_read_is_refused(header):
    headers = {} if header is None else {HEADER: header}
    with pytest.raises(BadSignature):
        receive_event("sandbox", b"{}", headers, NOW)


def test_an_unknown_type_and_an_unknown_payment_are_taken_without_effect():
    def send(event):
        body = json.dumps(event).encode()
        return receive_event("sandbox", body, {HEADER: sign(sandbox.courier.secret, body, NOW)}, NOW)

    charge = {
        "reference": new_id(), "state": "paid", "amount_cents": 1, "refunded_cents": 0, "currency": "USD",
    }  # fmt: skip
    assert send({"id": new_id(), "type": "charge.dreamt", "charge": charge}) == "ignored"
    assert send({"id": new_id(), "type": "charge.paid", "charge": charge}) == "unknown_payment"


def test_an_unknown_provider_is_not_there():
    with pytest.raises(NotFound):
        receive_event("nobody", b"{}", {}, NOW)


@pytest.mark.parametrize(("amount_cents", "currency"), [(1998, "USD"), (2000, "USD"), (1999, "EUR"), (0, "USD")])
def test_another_amount_or_currency_is_an_error_and_the_order_waits(amount_cents, currency):
    placed = place(make_goods(price="19.99").wanted())
    charge = ChargeStatus(placed.payment.id, "x", ChargeState.PAID, amount_cents, 0, currency)
    payment = settle_payment(placed.payment.id, charge, NOW)
    assert (payment.status, payment.captured_cents, payment.open_work) == ("error", amount_cents, False)
    assert stands(placed.order.id).status == "pending"
    settle_payment(placed.payment.id, replace(charge, amount_cents=1999, currency="USD"), NOW)
    assert stands(placed.order.id).status == "pending"


def test_a_declined_card_rejects_the_payment_and_the_order_waits():
    placed = place(make_goods().wanted())
    _, event_id = books.decline(placed.payment.id, NOW, "card_declined")
    assert deliver(placed.payment.id, event_id) == "rejected"
    payment = payment_stands(placed.payment.id)
    assert (payment.status, payment.failure, payment.open_work) == ("rejected", "card_declined", False)
    assert stands(placed.order.id).status == "pending"


@pytest.mark.parametrize("end", ["cancelled", "expired"])
def test_money_for_an_ended_order_goes_back_whole_and_once(end):
    lamp = make_goods(price="30.00", left=1)
    placed = place(lamp.wanted())
    payment_id = placed.payment.id
    paid = ChargeStatus(payment_id, "sbx", ChargeState.PAID, 3000, 0, "USD")
    # the provider took the money, but says so only after the order had ended without hearing from it
    order = stands(placed.order.id)
    order.update_if_unchanged(payment_ids=[])
    if end == "cancelled":
        ending.cancel_order(order.id, by=order.user_id, now=NOW)
    else:
        ending.expire_order(stands(order.id), EXPIRED)
    assert stands(order.id).status == end
    pay_page(placed.payment)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: settle_payment(payment_id, paid, NOW), range(6)))
    payment = payment_stands(payment_id)
    assert (payment.status, payment.captured_cents, payment.refunded_cents) == ("refunded", 3000, 3000)
    assert [(refund.key, refund.state) for refund in payment.refund_list] == [("automatic", "done")]
    charge = SandboxCharge.find(payment_id)
    assert (charge.refunded_cents, len(charge.refund_amounts)) == (3000, 1)
    assert stands(order.id).status == end
    assert ledger.audit(StockEntry, lamp.reference) == 1


def test_an_order_paid_twice_gives_the_second_payment_back():
    placed = place(make_goods(price="30.00").wanted())
    first = placed.payment
    books.decline(first.id, NOW, "card_declined")
    poll_payment(first, NOW)
    second = open_checkout(stands(placed.order.id), TERMS, NOW)
    pay_page(second)
    poll_payment(second, NOW)
    assert stands(placed.order.id).paid_by == second.id
    # the first bank changes its mind
    charge = SandboxCharge.find_serial(first.id)
    charge.update_if_unchanged(state="paid")
    poll_payment(payment_stands(first.id), NOW)
    assert payment_stands(first.id).status == "refunded"
    assert payment_stands(second.id).status == "confirmed"
    assert stands(placed.order.id).paid_by == second.id


def test_reconcile_heals_a_webhook_that_never_came(refresh_index):
    placed = place(make_goods().wanted())
    pay_page(placed.payment)
    refresh_index()
    reconciling.reconcile_payments(None, NOW + timedelta(seconds=59))
    assert stands(placed.order.id).status == "pending", "fresh payments are left alone for a minute"
    reconciling.reconcile_payments(None, NOW + timedelta(seconds=60))
    assert stands(placed.order.id).status == "paid"
    assert payment_stands(placed.payment.id).open_work is False


def test_reconcile_closes_a_page_nobody_used():
    placed = place(make_goods().wanted())
    reconciling.reconcile_payment(placed.payment.id, EXPIRED)
    assert payment_stands(placed.payment.id).status == "rejected"
    assert SandboxCharge.find(placed.payment.id).state == "closed"


def test_an_event_whose_first_delivery_died_has_its_effect_with_the_next(monkeypatch):
    placed = place(make_goods().wanted())
    event_id = pay_page(placed.payment)
    with monkeypatch.context() as broken:
        broken.setattr(webhooks, "settle_payment", Mock(side_effect=StoreUnavailable("away")))
        with pytest.raises(StoreUnavailable):
            deliver(placed.payment.id, event_id)
    assert WebhookEvent.find("sandbox", event_id) is None
    assert stands(placed.order.id).status == "pending"
    assert deliver(placed.payment.id, event_id) == "confirmed"
    assert stands(placed.order.id).status == "paid"
    assert WebhookEvent.find("sandbox", event_id).result == "confirmed"


def test_webhook_and_polling_at_once_pay_once():
    placed = place(make_goods("course").wanted())
    event_id = pay_page(placed.payment)
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(deliver, placed.payment.id, event_id) for _ in range(4)]
        jobs += [pool.submit(poll_payment, Payment.find(placed.payment.id), NOW) for _ in range(4)]
        for job in jobs:
            job.result()
    order = stands(placed.order.id)
    assert order.status == "paid"
    assert [event["what"] for event in order.events].count("paid") == 1
    assert payment_stands(placed.payment.id).refund_list == ()
    assert receipts(order.id) == 1
