"""Stock and seats: nothing is sold twice, given back twice, or lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.models import StockEntry
from app.plugins.cassandra_cqlengine import ledger
from app.services.catalog import stock
from app.services.catalog.items import find_item
from app.services.catalog.stock import HoldReleased, OutOfStock
from app.utils.clock import utc_now
from app.utils.errors import NotFound
from app.utils.ids import new_id
from tests.factories import make_course, make_product

pytestmark = pytest.mark.usefixtures("stores")
RIVALS = 24


@pytest.fixture
def lamp():
    """The reference of a product of which 3 are left."""
    return stock.item_ref("product", make_product(stock=3).id)


def test_new_stock_is_received_once(lamp):
    assert stock.available(lamp) == 3
    assert stock.receive(lamp, 2, "delivery-1", utc_now()) == 5
    assert stock.receive(lamp, 2, "delivery-1", utc_now()) == 5


def test_a_hold_takes_away_once(lamp):
    assert stock.hold(lamp, "order", 1, 2, utc_now()) == 1
    assert stock.hold(lamp, "order", 1, 2, utc_now()) == 1
    assert stock.hold(lamp, "order", 2, 1, utc_now()) == 0


def test_more_than_is_left_is_refused_and_says_what_is_left(lamp):
    with pytest.raises(OutOfStock) as refusal:
        stock.hold(lamp, "order", 7, 4, utc_now())
    assert refusal.value.status == 409
    assert refusal.value.details == {"item_ref": lamp, "available": 3, "line": 7}
    assert stock.available(lamp) == 3


def test_a_release_gives_back_exactly_once(lamp):
    stock.hold(lamp, "order", 1, 2, utc_now())
    assert stock.release(lamp, "order", 1, utc_now()) is True
    assert stock.release(lamp, "order", 1, utc_now()) is False
    assert stock.available(lamp) == 3


def test_a_hold_behind_its_release_is_refused(lamp):
    assert stock.release(lamp, "order", 1, utc_now()) is False
    with pytest.raises(HoldReleased):
        stock.hold(lamp, "order", 1, 1, utc_now())
    assert stock.available(lamp) == 3


def test_a_settled_hold_is_final(lamp):
    stock.hold(lamp, "order", 1, 2, utc_now())
    assert stock.settle(lamp, "order", 1, utc_now()) is True
    assert stock.settle(lamp, "order", 1, utc_now()) is True
    assert stock.release(lamp, "order", 1, utc_now()) is False
    assert stock.available(lamp) == 1


def test_a_released_hold_cannot_be_settled(lamp):
    stock.hold(lamp, "order", 1, 2, utc_now())
    stock.release(lamp, "order", 1, utc_now())
    with pytest.raises(HoldReleased):
        stock.settle(lamp, "order", 1, utc_now())


def test_a_refund_brings_back_what_was_sold_once(lamp):
    stock.hold(lamp, "order", 1, 2, utc_now())
    stock.settle(lamp, "order", 1, utc_now())
    assert stock.restock(lamp, "order", 1, 1, refund_id="r1", now=utc_now()) == 2
    assert stock.restock(lamp, "order", 1, 1, refund_id="r1", now=utc_now()) == 2


def test_what_is_not_tracked_never_runs_out():
    reference = stock.item_ref("course", make_course().id)
    assert stock.available(reference) is None
    assert stock.hold(reference, "order", 1, 99, utc_now()) is None
    assert stock.settle(reference, "order", 1, utc_now()) is False
    assert stock.refresh_availability(reference) is None


def test_an_unknown_item_is_not_found():
    with pytest.raises(NotFound):
        stock.hold(stock.item_ref("product", new_id()), "order", 1, 1, utc_now())


def test_an_adjustment_sets_what_is_left_once(lamp):
    assert stock.adjust(lamp, 10, "count-1", utc_now()) == 10
    stock.hold(lamp, "order", 1, 4, utc_now())
    assert stock.adjust(lamp, 10, "count-1", utc_now()) == 6
    with pytest.raises(ValueError):
        stock.adjust(lamp, -1, "count-2", utc_now())


def test_of_many_rivals_for_the_last_one_exactly_one_wins():
    reference = stock.item_ref("product", make_product(stock=1).id)
    ready = Barrier(RIVALS)

    def want(number: int) -> str:
        ready.wait()
        try:
            stock.hold(reference, f"order-{number}", 1, 1, utc_now())
        except OutOfStock:
            return "refused"
        return "won"

    with ThreadPoolExecutor(RIVALS) as pool:
        outcomes = list(pool.map(want, range(RIVALS)))
    assert (outcomes.count("won"), outcomes.count("refused")) == (1, RIVALS - 1)
    assert ledger.audit(StockEntry, reference) == 0


def test_release_and_settle_racing_agree(lamp):
    for number in range(5):
        order, ready = f"order-{number}", Barrier(2)
        stock.hold(lamp, order, 1, 1, utc_now())

        def release(order=order, ready=ready) -> bool:
            ready.wait()
            return stock.release(lamp, order, 1, utc_now())

        def settle(order=order, ready=ready) -> bool:
            ready.wait()
            try:
                return stock.settle(lamp, order, 1, utc_now())
            except HoldReleased:
                return False

        with ThreadPoolExecutor(2) as pool:
            released, settled = pool.submit(release), pool.submit(settle)
            assert released.result() != settled.result()
        stock.adjust(lamp, 3, f"refill-{number}", utc_now())
    ledger.audit(StockEntry, lamp)


def test_the_display_copy_follows_even_when_sales_race():
    item = make_product(stock=12)
    reference = stock.item_ref("product", item.id)

    def buy(number: int) -> None:
        stock.hold(reference, f"order-{number}", 1, 1, utc_now())
        stock.refresh_availability(reference)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(buy, range(12)))
    shown = find_item("product", item.id)
    assert (shown.stock_available, shown.in_stock) == (0, False)


ACTIONS = st.lists(
    st.tuples(st.sampled_from(("hold", "release", "settle", "receive")), st.integers(1, 3), st.integers(1, 3)),
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS)
def test_any_order_of_actions_keeps_the_books(actions):
    """Against a model of plain sums: each line is held at most once and given back at most once."""
    reference = stock.item_ref("product", make_product(stock=5).id)
    left, held, settled, released, received = 5, {}, set(), set(), set()
    for action, line, quantity in actions:
        if action == "hold":
            fits = line in held or (line not in released and quantity <= left)
            try:
                stock.hold(reference, "order", line, held.get(line, quantity), utc_now())
            except (OutOfStock, HoldReleased):
                assert not fits
            else:
                assert fits
                left -= 0 if line in held else quantity
                held.setdefault(line, quantity)
        elif action == "release":
            stock.release(reference, "order", line, utc_now())
            if line not in settled and line not in released:
                left += held.get(line, 0)
                released.add(line)
        elif action == "settle":
            try:
                if stock.settle(reference, "order", line, utc_now()):
                    settled.add(line)
            except HoldReleased:
                assert line in released
        else:
            stock.receive(reference, quantity, f"delivery-{len(received)}", utc_now())
            received.add(len(received))
            left += quantity
    assert ledger.audit(StockEntry, reference) == left
