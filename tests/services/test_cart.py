"""Carts: what goes in, what is shown, and how a visitor's becomes a user's."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.models import Cart
from app.models.cart import packed
from app.plugins.cassandra_cqlengine import store
from app.plugins.sandbox import sandbox
from app.services.cart import lines, merging
from app.services.cart.viewing import show
from app.services.catalog import stock
from app.services.orders import ending, goods, placing
from app.services.orders.totals import MixedCurrencies
from app.utils.errors import ConcurrentChange, InvalidValue, NotFound
from app.utils.ids import new_id
from tests.purchases import NOW, TERMS, make_goods, purchase


@pytest.fixture(scope="module", autouse=True)
def market(stores):
    """The stores, and the sandbox as the way to pay."""
    sandbox.configure(stores)


@pytest.fixture
def owner() -> str:
    return lines.owner_of_user(new_id())


def held(owner: str) -> list[tuple[str, int]]:
    return [(line.id, line.quantity) for line in lines.find_content(owner).lines]


def test_the_same_thing_again_adds_to_its_quantity(owner):
    lamp = make_goods(left=9)
    lines.add_item(owner, "product", lamp.id, 2)
    lines.add_item(owner, "product", lamp.id, 3)
    assert held(owner) == [(lamp.reference, 5)]
    assert stock.balance(lamp.reference) == 9, "a cart holds no stock"


def test_an_addition_repeated_with_its_key_adds_nothing_again(owner):
    lamp, course = make_goods(left=9), make_goods("course")
    for _ in range(2):
        lines.add_item(owner, "product", lamp.id, 2, key="first")
        lines.add_item(owner, "course", course.id, 1, key="second")
    lines.add_item(owner, "product", lamp.id, 2, key="third")
    assert held(owner) == [(lamp.reference, 4), (course.reference, 1)]


def test_twenty_additions_at_once_are_all_counted(owner):
    lamp = make_goods()
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: lines.add_item(owner, "product", lamp.id, 1), range(20)))
    assert held(owner) == [(lamp.reference, 20)]


def test_a_course_is_taken_once(owner):
    course = make_goods("course")
    lines.add_item(owner, "course", course.id, 1)
    with pytest.raises(lines.OnePerPerson):
        lines.add_item(owner, "course", course.id, 1)
    with pytest.raises(lines.OnePerPerson):
        lines.set_quantity(owner, course.reference, 2)


@pytest.mark.parametrize(("before", "more", "fits"), [(98, 1, True), (99, 1, False), (0, 99, True), (0, 100, False)])
def test_99_is_the_most(owner, before, more, fits):
    lamp = make_goods()
    if before:
        lines.add_item(owner, "product", lamp.id, before)
    if fits:
        assert lines.add_item(owner, "product", lamp.id, more).lines[0].quantity == before + more
        return
    with pytest.raises(InvalidValue):
        lines.add_item(owner, "product", lamp.id, more)


def test_more_than_there_is_is_refused_with_what_there_is(owner):
    lamp = make_goods(left=3)
    lines.add_item(owner, "product", lamp.id, 3)
    with pytest.raises(stock.OutOfStock) as refusal:
        lines.add_item(owner, "product", lamp.id, 1)
    assert refusal.value.details == {"available": 3}
    with pytest.raises(stock.OutOfStock):
        lines.set_quantity(owner, lamp.reference, 4)


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_what_is_not_on_sale_cannot_be_put_in(owner, status):
    with pytest.raises(NotFound):
        lines.add_item(owner, "product", make_goods(status=status).id, 1)


@pytest.mark.parametrize(("kind", "ref_id"), [("product", "nothing"), ("spaceship", "x")])
def test_an_unknown_thing_cannot_be_put_in(owner, kind, ref_id):
    with pytest.raises(NotFound):
        lines.add_item(owner, kind, ref_id, 1)


def test_two_currencies_do_not_lie_in_one_cart(owner):
    lines.add_item(owner, "product", make_goods(currency="USD").id, 1)
    with pytest.raises(MixedCurrencies):
        lines.add_item(owner, "product", make_goods(currency="EUR").id, 1)


def test_a_quantity_is_set_and_0_takes_the_line_out(owner):
    lamp = make_goods()
    lines.add_item(owner, "product", lamp.id, 2)
    assert lines.set_quantity(owner, lamp.reference, 7).lines[0].quantity == 7
    assert lines.set_quantity(owner, lamp.reference, 0).lines == ()
    assert held(owner) == []
    for refused in (
        lambda: lines.set_quantity(owner, lamp.reference, 1),
        lambda: lines.remove_item(owner, "product:x"),
    ):
        with pytest.raises(NotFound):
            refused()


def test_a_cart_has_100_lines_at_most(owner):
    content = lines.change_content(owner, lambda content: content)
    line = lines.add_item(owner, "product", make_goods().id, 1).lines[0]
    many = tuple(replace(line, ref_id=f"x{number}") for number in range(goods.MAX_LINES))
    lines.change_content(owner, lambda _: content.with_lines(many))
    with pytest.raises(InvalidValue):
        lines.add_item(owner, "product", make_goods().id, 1)


def test_prices_are_todays_and_a_change_is_shown_until_the_line_is_touched(owner):
    lamp = make_goods(price="10.00")
    lines.add_item(owner, "product", lamp.id, 2)
    stock.load_item(lamp.reference).update(price_cents=1250)
    shown = show(lines.find_content(owner), "USD")
    assert (shown.lines[0].price_changed, shown.lines[0].total_cents, shown.totals.total_cents) == (True, 2500, 2500)
    lines.set_quantity(owner, lamp.reference, 1)
    assert show(lines.find_content(owner), "USD").lines[0].price_changed is False


def test_what_went_off_sale_stays_visible_but_costs_nothing(owner):
    lamp, vase = make_goods(price="10.00"), make_goods(price="4.00", left=2)
    lines.add_item(owner, "product", lamp.id, 1)
    lines.add_item(owner, "product", vase.id, 2)
    stock.load_item(lamp.reference).update(status="archived")
    stock.hold(vase.reference, new_id(), 1, 1, NOW)
    shown = show(lines.find_content(owner), "USD")
    assert [(line.is_available, line.left) for line in shown.lines] == [(False, None), (False, 1)]
    assert shown.totals.total_cents == 0


def test_the_totals_shown_are_those_charged_and_the_order_takes_the_new_price():
    buyer = new_id()
    lamp = make_goods(price="19.99")
    lines.add_item(lines.owner_of_user(buyer), "product", lamp.id, 3)
    stock.load_item(lamp.reference).update(price_cents=2050)
    shown = show(lines.find_content(lines.owner_of_user(buyer)), "USD")
    placed = placing.place_order(replace(purchase(user_id=buyer), wanted=None), TERMS, NOW)
    assert placed.order.total_cents == shown.totals.total_cents == 6150
    assert placed.payment.amount_cents == 6150


def test_an_order_takes_its_lines_out_of_the_cart_and_what_came_since_stays():
    buyer = new_id()
    owner = lines.owner_of_user(buyer)
    lamp, vase = make_goods(), make_goods()
    lines.add_item(owner, "product", lamp.id, 2)
    order = placing.place_order(replace(purchase(user_id=buyer), wanted=None), TERMS, NOW).order
    assert held(owner) == []
    lines.add_item(owner, "product", lamp.id, 1)
    lines.add_item(owner, "product", vase.id, 1)
    lines.take_out(owner, order.id, order.order_lines)
    assert held(owner) == [(lamp.reference, 1), (vase.reference, 1)], "repeating a step after a crash takes no more"
    ending.cancel_order(order.id, by=buyer, now=NOW)


def test_an_empty_cart_cannot_be_ordered():
    with pytest.raises(goods.EmptyOrder):
        placing.place_order(replace(purchase(), wanted=None), TERMS, NOW)


def test_login_brings_the_visitors_things_cut_to_stock_99_and_one_course():
    token, user_id = new_id(), new_id()
    visitor, user = lines.owner_of_visitor(token), lines.owner_of_user(user_id)
    scarce, plenty, course, gone = make_goods(left=4), make_goods(), make_goods("course"), make_goods()
    for owner, amounts in ((visitor, (3, 60)), (user, (2, 50))):
        lines.add_item(owner, "product", scarce.id, amounts[0])
        lines.add_item(owner, "product", plenty.id, amounts[1])
        lines.add_item(owner, "course", course.id, 1)
    lines.add_item(visitor, "product", gone.id, 1)
    stock.load_item(gone.reference).update(status="archived")
    assert merging.merge(token, user_id) is True
    assert held(user) == [(scarce.reference, 4), (plenty.reference, 99), (course.reference, 1)]
    assert Cart.find(visitor) is None
    assert merging.merge(token, user_id) is False


@pytest.mark.parametrize("steps_done", [1, 2])
def test_a_merge_cut_off_by_a_crash_is_finished_once(steps_done):
    token, user_id = new_id(), new_id()
    visitor, user = lines.owner_of_visitor(token), lines.owner_of_user(user_id)
    lamp = make_goods()
    lines.add_item(visitor, "product", lamp.id, 2)
    row = Cart.find(visitor)
    row.update_if_unchanged(content=packed(replace(row.held, merging_into=user_id)))
    if steps_done == 2:
        lines.change_content(user, lambda content: merging.combined(content, Cart.find(visitor).held))
    with pytest.raises(ConcurrentChange):
        lines.add_item(visitor, "product", lamp.id, 1)
    merging.merge(token, user_id)
    assert held(user) == [(lamp.reference, 2)]
    assert Cart.find(visitor) is None


def test_a_visitors_cart_goes_to_one_account_only():
    token, first, second = new_id(), new_id(), new_id()
    lines.add_item(lines.owner_of_visitor(token), "product", make_goods().id, 1)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda user_id: merging.merge(token, user_id), (first, second)))
    assert sorted(len(held(lines.owner_of_user(user_id))) for user_id in (first, second)) == [0, 1]


def test_the_store_forgets_a_cart_30_days_after_its_last_change(owner):
    lamp = make_goods()
    lines.add_item(owner, "product", lamp.id, 1)
    lines.add_item(owner, "product", lamp.id, 1)
    row = store().execute('SELECT TTL(content) AS seconds FROM "cart" WHERE owner = ?', [owner]).one()
    assert 30 * 24 * 3600 - 60 < row["seconds"] <= 30 * 24 * 3600
