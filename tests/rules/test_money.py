"""Money: every currency's own decimals, exact both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.utils.money import CURRENCIES, MoneyError, currency_of, from_stripe, from_text, to_stripe, to_text

codes = st.sampled_from(sorted(CURRENCIES))
amounts = st.integers(min_value=-(10**12), max_value=10**12)


@pytest.mark.parametrize(
    ("cents", "currency", "text"),
    [
        (1999, "USD", "19.99"),
        (5997, "USD", "59.97"),
        (0, "USD", "0.00"),
        (5, "EUR", "0.05"),
        (-5, "EUR", "-0.05"),
        (-12345, "GBP", "-123.45"),
        (500, "JPY", "500"),
        (0, "JPY", "0"),
        (1234, "KWD", "1.234"),
        (1, "BHD", "0.001"),
        (12345, "CLF", "1.2345"),
        (99999999, "USD", "999999.99"),
    ],
)
def test_minor_units_and_text(cents, currency, text):
    assert to_text(cents, currency) == text
    assert from_text(text, currency) == cents


@pytest.mark.parametrize(("text", "cents"), [("19", 1900), ("19.9", 1990), ("007.10", 710), ("-0", 0), ("-0.00", 0)])
def test_shorter_texts_mean_the_same_amount(text, cents):
    assert from_text(text, "USD") == cents


@pytest.mark.parametrize(
    "text",
    ["", " ", "1.", ".5", "1,50", "1.000", "1e3", "+1", "--1", "1 000", "٣.٥", "１９", "nan", "inf", "0x10", "1_0",
     "9" * 16, "19.99\n", "$5"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(MoneyError):
        from_text(text, "USD")


@pytest.mark.parametrize(("text", "currency"), [("5.0", "JPY"), ("0.001", "USD"), ("1.2345", "KWD")])
def test_more_decimals_than_the_currency_has_are_refused(text, currency):
    with pytest.raises(MoneyError, match="decimals"):
        from_text(text, currency)


@pytest.mark.parametrize("code", ["", "usd", "US", "XXX", "BTC"])
def test_an_unknown_currency_is_refused(code):
    with pytest.raises(MoneyError):
        currency_of(code)


@given(amounts, codes)
def test_text_gives_back_the_amount(cents, code):
    assert from_text(to_text(cents, code), code) == cents


@given(amounts, codes)
def test_text_has_exactly_the_decimals_of_the_currency(cents, code):
    whole, _, part = to_text(cents, code).partition(".")
    assert len(part) == CURRENCIES[code].decimals
    assert whole.lstrip("-").isdigit()


@given(st.text(max_size=12), codes)
def test_any_text_is_an_amount_or_a_clear_refusal(text, code):
    try:
        cents = from_text(text, code)
    except MoneyError as refusal:
        assert str(refusal)
    else:
        assert from_text(to_text(cents, code), code) == cents


ZERO_DECIMAL = ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF")


# Stripe, "Supported currencies": its zero-decimal list, its three-decimal list and its special cases.
@pytest.mark.parametrize(
    ("cents", "currency", "amount"),
    [(1000, "USD", 1000), (5120, "KWD", 5120), (500, "ISK", 50000), (5, "UGX", 500), (1000, "MGA", 10)]
    + [(500, code, 500) for code in ZERO_DECIMAL],
)  # fmt: skip
def test_stripe_amounts(cents, currency, amount):
    assert to_stripe(cents, currency) == amount
    assert from_stripe(amount, currency) == cents


@pytest.mark.parametrize(
    ("cents", "currency"), [(5124, "BHD"), (5124, "JOD"), (5124, "KWD"), (5124, "OMR"), (5124, "TND"), (1001, "MGA")]
)
def test_amounts_stripe_cannot_charge_are_refused(cents, currency):
    with pytest.raises(MoneyError):
        to_stripe(cents, currency)


def test_a_stripe_amount_iso_does_not_have_is_refused():
    with pytest.raises(MoneyError):
        from_stripe(501, "ISK")
