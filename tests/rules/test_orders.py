"""The order's and the payment's state machines, and the totals: no database."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.orders import states
from app.services.orders.totals import MixedCurrencies, PricedLine, compute_totals
from app.services.payments import states as payment_states

ORDER_STATUSES = (
    "reserving", "pending", "paid", "fulfilled", "refunding", "partially_refunded", "refunded", "cancelled",
    "expired", "refused",
)  # fmt: skip
ORDER_MOVES = {
    ("reserving", "pending"),
    ("reserving", "refused"),
    ("pending", "paid"),
    ("pending", "cancelled"),
    ("pending", "expired"),
    ("paid", "fulfilled"),
    ("paid", "refunding"),
    ("fulfilled", "refunding"),
    ("refunding", "paid"),
    ("refunding", "fulfilled"),
    ("refunding", "refunded"),
    ("refunding", "partially_refunded"),
    ("partially_refunded", "refunding"),
}
PAYMENT_STATUSES = ("waiting", "confirmed", "rejected", "refunded", "error")
PAYMENT_MOVES = {
    ("waiting", "confirmed"),
    ("waiting", "rejected"),
    ("waiting", "error"),
    ("rejected", "confirmed"),
    ("rejected", "error"),
    ("confirmed", "refunded"),
}


@pytest.mark.parametrize(("status", "following"), list(product(ORDER_STATUSES, ORDER_STATUSES)))
def test_every_pair_of_order_statuses(status, following):
    if (status, following) in ORDER_MOVES:
        states.ensure_can_become(status, following)
        return
    with pytest.raises(states.OrderStateConflict) as refusal:
        states.ensure_can_become(status, following)
    assert refusal.value.details == {"status": status, "wanted": following}


@pytest.mark.parametrize(("status", "following"), list(product(PAYMENT_STATUSES, PAYMENT_STATUSES)))
def test_every_pair_of_payment_statuses(status, following):
    assert payment_states.can_become(status, following) == ((status, following) in PAYMENT_MOVES)


def test_the_machines_hold_these_statuses_and_no_others():
    assert set(states.TRANSITIONS) == set(ORDER_STATUSES)
    assert set(payment_states.TRANSITIONS) == set(PAYMENT_STATUSES)
    for machine in (states.TRANSITIONS, payment_states.TRANSITIONS):
        assert set().union(*machine.values()) <= set(machine)


def test_an_unknown_status_is_a_fault_of_the_code():
    with pytest.raises(KeyError):
        states.can_become("lost", "paid")


def test_each_status_an_order_can_enter_says_what_is_still_to_do():
    assert states.STEP_AFTER == {
        "reserving": "reserve",
        "pending": "await_payment",
        "paid": "finish",
        "cancelled": "release",
        "expired": "release",
        "refused": "release",
    }


def test_three_times_19_99_is_59_97():
    totals = compute_totals([PricedLine(1999, 3, "USD")], currency="USD")
    assert (totals.subtotal_cents, totals.total_cents) == (5997, 5997)


@pytest.mark.parametrize(
    ("discount", "credit", "tax", "shown"),
    [
        (0, 0, 0, (5000, 0, 0, 0, 5000)),
        (1000, 500, 300, (5000, 1000, 500, 300, 3800)),
        (5000, 0, 0, (5000, 5000, 0, 0, 0)),
        (6000, 700, 0, (5000, 5000, 0, 0, 0)),
        (4900, 700, 0, (5000, 4900, 100, 0, 0)),
        (6000, 0, 250, (5000, 5000, 0, 250, 250)),
    ],
)
def test_discount_and_credit_never_go_below_nothing(discount, credit, tax, shown):
    totals = compute_totals(
        [PricedLine(2500, 2, "EUR")], currency="EUR", discount_cents=discount, credit_cents=credit, tax_cents=tax
    )
    assert (
        totals.subtotal_cents, totals.discount_cents, totals.credit_cents, totals.tax_cents, totals.total_cents
    ) == shown  # fmt: skip


def test_no_lines_cost_nothing_in_the_given_currency():
    totals = compute_totals([], currency="JPY")
    assert (totals.currency, totals.total_cents) == ("JPY", 0)


def test_two_currencies_are_refused():
    with pytest.raises(MixedCurrencies):
        compute_totals([PricedLine(1, 1, "USD"), PricedLine(1, 1, "EUR")], currency="USD")


@pytest.mark.parametrize("quantity", [0, -1, 100])
def test_a_quantity_outside_1_to_99_is_a_fault(quantity):
    with pytest.raises(ValueError, match="quantity"):
        compute_totals([PricedLine(100, quantity, "USD")], currency="USD")


@pytest.mark.parametrize("amount", ["discount_cents", "credit_cents", "tax_cents"])
def test_a_negative_amount_is_a_fault(amount):
    with pytest.raises(ValueError, match="negative"):
        compute_totals([PricedLine(100, 1, "USD")], currency="USD", **{amount: -1})
    with pytest.raises(ValueError, match="negative"):
        compute_totals([PricedLine(-1, 1, "USD")], currency="USD")


CENTS = st.integers(0, 99_999_999)
LINES = st.lists(st.builds(PricedLine, CENTS, st.integers(1, 99), st.just("USD")), max_size=100)


@given(LINES, CENTS, CENTS, CENTS)
def test_totals_always_add_up(lines, discount, credit, tax):
    totals = compute_totals(lines, currency="USD", discount_cents=discount, credit_cents=credit, tax_cents=tax)
    subtotal = 0
    for line in lines:
        for _ in range(line.quantity):
            subtotal += line.unit_price_cents
    assert totals.subtotal_cents == subtotal
    assert totals.total_cents == max(0, subtotal - discount - credit) + tax
    assert totals.subtotal_cents - totals.discount_cents - totals.credit_cents + totals.tax_cents == totals.total_cents
    assert 0 <= totals.discount_cents <= discount
    assert 0 <= totals.credit_cents <= credit


@given(LINES, CENTS)
def test_the_order_of_lines_and_splitting_one_changes_nothing(lines, discount):
    once = compute_totals(lines, currency="USD", discount_cents=discount)
    split = [PricedLine(line.unit_price_cents, 1, "USD") for line in lines for _ in range(line.quantity)]
    assert compute_totals(split[::-1], currency="USD", discount_cents=discount) == once


@given(LINES, CENTS, CENTS)
def test_more_discount_never_costs_more(lines, discount, more):
    cheap = compute_totals(lines, currency="USD", discount_cents=discount + more)
    assert cheap.total_cents <= compute_totals(lines, currency="USD", discount_cents=discount).total_cents
