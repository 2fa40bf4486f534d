"""Placing, cancelling and expiring orders."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest

from app.models import CourseEnrollment, Order, Payment, StockEntry
from app.plugins.cassandra_cqlengine import ledger
from app.plugins.sandbox import books, sandbox
from app.services.catalog import stock
from app.services.orders import ending, goods, paying, placing, reading, reserving, resuming
from app.services.orders.states import OrderStateConflict
from app.services.orders.totals import MixedCurrencies
from app.services.payments.checkout import open_checkout
from app.services.payments.settlement import poll_payment
from app.utils.errors import InvalidValue, NotFound
from app.utils.ids import new_id
from tests.purchases import EXPIRED, NOW, TERMS, make_goods, pay, pay_page, payment_stands, place, purchase, stands


@pytest.fixture(scope="module", autouse=True)
def market(stores):
    """The stores, and the sandbox as the way to pay."""
    sandbox.configure(stores)


def test_an_order_copies_title_and_price_and_holds_its_goods():
    lamp = make_goods(price="19.99", left=5)
    placed = place(lamp.wanted(3))
    order = stands(placed.order.id)
    assert (order.status, order.step) == ("pending", "await_payment")
    line = order.order_lines[0]
    assert (line.title, line.unit_price_cents, line.quantity, line.total_cents) == ("Walnut desk lamp", 1999, 3, 5997)
    assert (order.subtotal_cents, order.total_cents, order.currency) == (5997, 5997, "USD")
    assert order.expires_at == NOW + timedelta(minutes=30)
    assert len(order.id) == 27
    assert stock.balance(lamp.reference) == 2
    assert ledger.audit(StockEntry, lamp.reference) == 2
    assert placed.payment.amount_cents == 5997
    assert placed.payment.checkout_url == f"http://127.0.0.1:8000/sandbox/pay/{placed.payment.id}"
    assert [event["what"] for event in order.events] == ["placed", "pending"]


def test_a_later_price_does_not_change_an_order():
    lamp = make_goods(price="19.99")
    placed = place(lamp.wanted())
    stock.load_item(lamp.reference).update(price_cents=9900, title="Dearer lamp")
    assert stands(placed.order.id).order_lines[0].title == "Walnut desk lamp"
    assert pay(placed).total_cents == 1999


def test_all_lines_are_held_or_none():
    plenty, scarce = make_goods(left=5), make_goods(left=1, title="Last vase")
    first = place(scarce.wanted())
    assert first.order.status == "pending"
    with pytest.raises(stock.OutOfStock) as refusal:
        place(plenty.wanted(2), scarce.wanted())
    assert refusal.value.details == {"line": 2, "item_ref": scarce.reference, "available": 0}
    assert stock.balance(plenty.reference) == 5


def test_a_refusal_by_the_hold_itself_gives_the_other_lines_back():
    plenty, scarce = make_goods(left=5), make_goods(left=1)
    asked = purchase(plenty.wanted(2), scarce.wanted())
    order, _ = placing._create(new_id(), asked, TERMS, NOW)
    place(scarce.wanted())  # another buyer is faster between the first look and the hold
    with pytest.raises(stock.OutOfStock) as refusal:
        reserving.reserve(order, NOW)
    assert refusal.value.details == {"line": 2, "item_ref": scarce.reference, "available": 0}
    assert stock.balance(plenty.reference) == 5
    assert (stands(order.id).status, stands(order.id).step) == ("refused", "done")
    with pytest.raises(NotFound):
        reading.get_owned_order(order.id, asked.user_id)


@pytest.mark.parametrize("quantity", [0, -1, 100])
def test_a_quantity_outside_1_to_99_is_refused(quantity):
    with pytest.raises(InvalidValue):
        place(make_goods().wanted(quantity))


def test_the_same_thing_twice_becomes_one_line():
    lamp = make_goods(left=9)
    order = place(lamp.wanted(2), lamp.wanted(3)).order
    assert [(line.number, line.quantity) for line in order.order_lines] == [(1, 5)]


def test_nothing_to_order_is_refused():
    with pytest.raises(goods.EmptyOrder):
        place()


def test_ones_own_course_is_refused():
    teacher = new_id()
    course = make_goods("course", owner_id=teacher)
    with pytest.raises(goods.OwnItem):
        place(course.wanted(), user_id=teacher)


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_what_is_not_on_sale_is_refused(status):
    with pytest.raises(goods.ItemUnavailable):
        place(make_goods(status=status).wanted())


def test_two_currencies_are_refused():
    with pytest.raises(MixedCurrencies):
        place(make_goods(currency="USD").wanted(), make_goods(currency="EUR").wanted())


def test_a_student_takes_a_course_once():
    course, student = make_goods("course", left=10), new_id()
    first = place(course.wanted(), user_id=student)
    with pytest.raises(goods.AlreadyEnrolled):
        place(course.wanted(), user_id=student)
    ending.cancel_order(first.order.id, by=student, now=NOW)
    second = place(course.wanted(), user_id=student)
    pay(second)
    place_in_course = CourseEnrollment.find(course.id, student)
    assert (place_in_course.status, place_in_course.order_id) == ("active", second.order.id)
    with pytest.raises(goods.AlreadyEnrolled):
        place(course.wanted(), user_id=student)
    assert stock.balance(course.reference) == 9


def test_two_orders_at_once_for_one_course_give_one_place():
    course, student = make_goods("course", left=10), new_id()

    def attempt(_):
        try:
            return place(course.wanted(), user_id=student).order.status
        except goods.AlreadyEnrolled:
            return "already"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert sorted(outcomes) == ["already"] * 7 + ["pending"]
    assert stock.balance(course.reference) == 9


def test_a_total_of_nothing_is_paid_at_once():
    course = make_goods("course", price="0.00")
    placed = place(course.wanted())
    assert placed.payment is None
    order = stands(placed.order.id)
    assert (order.status, order.step, order.paid_by) == ("paid", "done", paying.FREE)
    assert CourseEnrollment.find(course.id, order.user_id).status == "active"


def test_a_repeated_key_gives_the_first_order():
    lamp, buyer = make_goods(left=5), new_id()
    first = place(lamp.wanted(), user_id=buyer, key="k-1")
    again = place(lamp.wanted(), user_id=buyer, key="k-1")
    assert again.order.id == first.order.id
    assert again.payment.id == first.payment.id
    assert place(lamp.wanted(), user_id=buyer, key="k-2").order.id != first.order.id
    assert stock.balance(lamp.reference) == 3


def test_cancel_gives_the_goods_back_once():
    lamp = make_goods(left=1)
    placed = place(lamp.wanted())
    order = ending.cancel_order(placed.order.id, by=placed.order.user_id, now=NOW)
    assert (order.status, order.step) == ("cancelled", "done")
    assert stock.balance(lamp.reference) == 1
    assert payment_stands(placed.payment.id).status == "rejected"
    with pytest.raises(OrderStateConflict):
        ending.cancel_order(order.id, by=order.user_id, now=NOW)
    assert ledger.audit(StockEntry, lamp.reference) == 1


def test_anothers_order_is_not_there():
    placed = place(make_goods().wanted())
    with pytest.raises(NotFound):
        reading.get_owned_order(placed.order.id, new_id())
    with pytest.raises(NotFound):
        ending.cancel_order(placed.order.id, by=new_id(), now=NOW)


def test_a_paid_order_cannot_be_cancelled():
    placed = place(make_goods().wanted())
    pay(placed)
    with pytest.raises(OrderStateConflict):
        ending.cancel_order(placed.order.id, by=placed.order.user_id, now=NOW)


def test_an_order_expires_at_its_minute_and_not_before(refresh_index):
    lamp = make_goods(left=1)
    placed = place(lamp.wanted())
    assert ending.expire_order(stands(placed.order.id), EXPIRED - timedelta(milliseconds=1)).status == "pending"
    refresh_index()
    resuming.expire_unpaid(None, EXPIRED)
    assert stands(placed.order.id).status == "expired"
    assert stock.balance(lamp.reference) == 1
    assert place(lamp.wanted()).order.status == "pending"


def test_expiry_gives_back_once_however_often_it_runs():
    lamp = make_goods(left=3)
    order = place(lamp.wanted(2)).order
    with ThreadPoolExecutor(6) as pool:
        for outcome in [pool.submit(_expire, order.id) for _ in range(6)]:
            outcome.result()
    assert stands(order.id).status == "expired"
    assert stock.balance(lamp.reference) == 3
    assert ledger.audit(StockEntry, lamp.reference) == 3


def _expire(order_id):
    with suppress(OrderStateConflict):
        ending.expire_order(stands(order_id), EXPIRED)


def test_an_order_whose_money_came_is_paid_and_not_expired():
    lamp = make_goods(left=1)
    placed = place(lamp.wanted())
    pay_page(placed.payment)
    ending.expire_order(stands(placed.order.id), EXPIRED)
    assert stands(placed.order.id).status == "paid"
    assert payment_stands(placed.payment.id).status == "confirmed"
    assert stock.balance(lamp.reference) == 0


def test_a_second_checkout_gives_the_open_page_again_and_a_new_one_after_a_decline():
    placed = place(make_goods().wanted())
    assert open_checkout(stands(placed.order.id), TERMS, NOW).id == placed.payment.id
    books.decline(placed.payment.id, NOW, "card_declined")
    poll_payment(placed.payment, NOW)
    assert payment_stands(placed.payment.id).status == "rejected"
    second = open_checkout(stands(placed.order.id), TERMS, NOW)
    assert second.id != placed.payment.id
    assert stands(placed.order.id).payment_ids == [placed.payment.id, second.id]
    with pytest.raises(OrderStateConflict):
        open_checkout(stands(placed.order.id), TERMS, EXPIRED)


def test_orders_are_found_again_through_the_mirror(refresh_index):
    buyer = new_id()
    lamp = make_goods()
    ids = [place(lamp.wanted(), user_id=buyer).order.id for _ in range(3)]
    pay(placing.Placed(stands(ids[0]), Payment.find(stands(ids[0]).payment_ids[0])))
    refresh_index()
    page = reading.page_of_own(buyer, status=None, size=2, after=None)
    assert page.total == 3
    assert len(page.documents) == 2
    rest = reading.page_of_own(buyer, status=None, size=2, after=page.next)
    found = [document["id"] for document in [*page.documents, *rest.documents]]
    assert found == sorted(ids, reverse=True)
    assert [d["id"] for d in reading.page_of_own(buyer, status="paid", size=9, after=None).documents] == [ids[0]]
    assert Order.find(ids[0]).status == "paid"
