"""Catalog rules without a store: slugs, prices, bands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.catalog.pricing import BANDS, accept_price, ensure_price_range, price_band
from app.utils.errors import InvalidValue
from app.utils.ids import new_id
from app.utils.slugs import SLUG_MAX, id_within, looks_like_id, numbered, slugify, with_id


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Salsa for Beginners", "salsa-for-beginners"),
        ("  Crème brûlée -- torch! ", "creme-brulee-torch"),
        ("Straße & Größe", "strasse-grosse"),
        ("Smørrebrød № 5", "smorrebrod-5"),
        ("Żółć", "zolc"),
        ("Чайник 2", "чайник-2"),
        ("كتاب الطبخ", "كتاب-الطبخ"),
        ("💃🕺", "item"),
        ("under_score__d", "under-score-d"),
        ("", "item"),
        ("a" * 27, "a" * 27 + "-item"),
        ("Salsa ._. level", "salsa-level"),
    ],
)
def test_titles_become_slugs(title, slug):
    assert slugify(title) == slug


@given(st.text(max_size=300))
def test_every_title_has_a_slug_that_fits(title):
    slug = slugify(title)
    assert 1 <= len(slug) <= SLUG_MAX + 5
    assert not looks_like_id(slug)
    assert not slug.startswith("-") and not slug.endswith("-") and "--" not in slug
    assert "/" not in slug and "?" not in slug and " " not in slug


def test_a_slug_can_carry_an_id_or_a_number():
    item_id = new_id()
    assert id_within(with_id("x" * 200, item_id)) == item_id
    assert len(with_id("x" * 200, item_id)) <= SLUG_MAX
    assert id_within("salsa-for-beginners") is None
    assert numbered("salsa", "2") == "salsa-2"
    assert len(numbered("x" * SLUG_MAX, "12")) == SLUG_MAX


@pytest.mark.parametrize(
    ("text", "currency", "cents"),
    [("0", "USD", 0), ("999999.99", "USD", 99999999), ("999999", "JPY", 999999), ("999999.990", "KWD", 999999990)],
)
def test_prices_at_the_edges_are_taken(text, currency, cents):
    assert accept_price(text, currency) == cents


@pytest.mark.parametrize(
    ("text", "currency"),
    [("-0.01", "USD"), ("1000000", "USD"), ("1000000.00", "USD"), ("0.001", "USD"), ("1.5", "JPY"), ("1000000", "JPY")],
)
def test_prices_past_the_edges_are_refused(text, currency):
    with pytest.raises(InvalidValue) as refusal:
        accept_price(text, currency)
    assert list(refusal.value.fields) == ["price"]


@pytest.mark.parametrize(
    ("cents", "currency", "band"),
    [(0, "USD", "0-10"), (999, "USD", "0-10"), (1000, "USD", "10-25"), (99999, "USD", "500-1000"),
     (100000, "USD", "1000-"), (10, "JPY", "10-25"), (9999, "KWD", "0-10")],
)  # fmt: skip
def test_bands_include_their_lower_end(cents, currency, band):
    assert price_band(cents, currency) == band
    assert band in BANDS


def test_a_price_range_may_be_one_price_but_not_upside_down():
    ensure_price_range(500, 500)
    ensure_price_range(None, 500)
    with pytest.raises(InvalidValue):
        ensure_price_range(501, 500)
