"""Lists and search: filters, facets that follow the other filters, order, typing mistakes, every script."""

from dataclasses import dataclass

import pytest

from app.models import Category, School
from app.plugins.cassandra_cqlengine_elastic import indexes, relay
from app.services.catalog import ItemFilter, delete_item, list_items, list_managed
from app.services.catalog.search import search
from app.utils.errors import InvalidValue
from tests.factories import make_category, make_course, make_product, make_school, make_store


@dataclass(frozen=True)
class Shelf:
    """Five courses in a category tree of their own."""

    root: Category
    child: Category
    school: School
    other: School


@pytest.fixture(scope="module")
def shelf(stores):
    root = make_category()
    child = make_category(root.slug)
    school, other = make_school(name="Añejo School"), make_school(name="Other School")
    make_course("Salsa for Beginners", school=school, price="20", category=child.slug, own={"level": "beginner"})
    make_course("Advanced Salsa", school=school, price="40", category=child.slug, own={"level": "advanced"})
    make_course("Tango", school=other, price="30", category=root.slug, stock=0, own={"level": "beginner"})
    make_course("Ballet", school=other, price="120", category=root.slug, stock=4)
    make_course("Yoga in euros", school=other, price="25", currency="EUR", category=root.slug)
    make_course("Draft of Salsa", school=school, price="20", category=child.slug, status="draft")
    relay.drain(whole=True)
    indexes.refresh()
    return Shelf(root, child, school, other)


def titles(shelf: Shelf, **wanted):
    page = list_items("course", ItemFilter(**{"categories": [shelf.root.slug], **wanted}), size=20, after=None)
    return [document["title"] for document in page.documents]


def counts(shelf: Shelf, facet: str, **wanted):
    page = list_items("course", ItemFilter(**{"categories": [shelf.root.slug], **wanted}), size=1, after=None)
    return {count.value: count.count for count in page.facets[facet]}


def test_a_category_holds_its_children_and_no_drafts(shelf):
    assert sorted(titles(shelf)) == ["Advanced Salsa", "Ballet", "Salsa for Beginners", "Tango", "Yoga in euros"]
    assert sorted(titles(shelf, categories=[shelf.child.slug])) == ["Advanced Salsa", "Salsa for Beginners"]


@pytest.mark.parametrize("q", ["salsa begginers", "Salsa for Beginners", "SALSA", "salsa beginer", "sallsa"])
def test_misspelt_words_are_forgiven(q, shelf):
    assert titles(shelf, q=q)[0] == "Salsa for Beginners" or "Salsa" in titles(shelf, q=q)[0]
    assert "Salsa for Beginners" in titles(shelf, q=q)
    assert "Tango" not in titles(shelf, q=q)


def test_price_limits_are_included(shelf):
    wanted = {"currency": "USD", "sort": "price"}
    assert titles(shelf, lowest_cents=2000, highest_cents=4000, **wanted) == [
        "Salsa for Beginners", "Tango", "Advanced Salsa"
    ]  # fmt: skip
    assert titles(shelf, lowest_cents=2001, highest_cents=3999, **wanted) == ["Tango"]


def test_prices_of_another_currency_are_another_list(shelf):
    assert titles(shelf, currency="EUR") == ["Yoga in euros"]


def test_limits_upside_down_are_refused(shelf):
    with pytest.raises(InvalidValue) as refusal:
        titles(shelf, lowest_cents=2, highest_cents=1, currency="USD")
    assert list(refusal.value.fields) == ["min_price"]


@pytest.mark.parametrize(
    ("sort", "first", "last"), [("price", "Salsa for Beginners", "Ballet"), ("-price", "Ballet", "Salsa for Beginners")]
)
def test_order_by_price(sort, first, last, shelf):
    found = titles(shelf, sort=sort)
    assert (found[0], found[-1]) == (first, last)


def test_the_newest_comes_first(shelf):
    assert titles(shelf, sort="new")[0] == titles(shelf)[0] == "Yoga in euros"


def test_filters_by_seller_level_band_and_stock(shelf):
    assert sorted(titles(shelf, sellers=[shelf.school.id])) == ["Advanced Salsa", "Salsa for Beginners"]
    assert sorted(titles(shelf, sellers=[shelf.school.slug])) == ["Advanced Salsa", "Salsa for Beginners"]
    assert sorted(titles(shelf, own=["beginner"])) == ["Salsa for Beginners", "Tango"]
    assert titles(shelf, bands=["100-250"]) == ["Ballet"]
    assert titles(shelf, in_stock=False) == ["Tango"]


def test_facets_count_under_the_other_filters_but_not_their_own(shelf):
    assert counts(shelf, "level") == {"beginner": 2, "advanced": 1}
    assert counts(shelf, "level", own=["advanced"]) == {"beginner": 2, "advanced": 1}
    assert counts(shelf, "level", sellers=[shelf.other.id]) == {"beginner": 1}
    assert counts(shelf, "seller", own=["beginner"]) == {shelf.school.id: 1, shelf.other.id: 1}
    assert counts(shelf, "price") == {"10-25": 1, "25-50": 3, "100-250": 1}
    assert counts(shelf, "in_stock", own=["beginner"]) == {"true": 1, "false": 1}
    assert counts(shelf, "category", sellers=[shelf.school.id]) == {shelf.root.slug: 2, shelf.child.slug: 2}


def test_facets_have_names_for_people(shelf):
    page = list_items("course", ItemFilter(categories=[shelf.root.slug]), size=1, after=None)
    assert {count.label for count in page.facets["seller"]} == {"Añejo School", "Other School"}
    assert "Beginner" in {count.label for count in page.facets["level"]}


def test_pages_go_on_without_gap_or_repetition(shelf):
    wanted = ItemFilter(categories=[shelf.root.slug], sort="price", with_facets=False)
    after, seen = None, []
    for _ in range(3):
        page = list_items("course", wanted, size=2, after=after)
        seen += [document["title"] for document in page.documents]
        assert page.total == 5
        after = page.next
    assert after is None
    assert seen == titles(shelf, sort="price")


@pytest.mark.parametrize(
    "title", ["كتاب الطبخ الشامل", "ספר בישול ענק", "Пианино Красный Октябрь", "Crème brûlée 🍮 lamp"]
)
def test_every_script_is_found(title, refresh_index):
    item = make_product(title)
    refresh_index()
    page = list_items("product", ItemFilter(q=title.split()[0], sellers=[item.seller_id]), size=5, after=None)
    assert [document["title"] for document in page.documents] == [title]


def test_an_emoji_is_a_word(refresh_index):
    item = make_product("Lamp 🪔 of clay")
    refresh_index()
    page = list_items("product", ItemFilter(q="🪔", sellers=[item.seller_id]), size=5, after=None)
    assert page.total == 1


@pytest.mark.parametrize("q", ['"', "(((", "a AND", "\\", "*:*", "🤷", "\u202e", "x" * 200])
def test_no_text_breaks_the_search(q, stores):
    list_items("product", ItemFilter(q=q), size=1, after=None)
    search(q, ["course", "product", "school", "store", "class", "station"])


def test_what_is_deleted_is_found_no_more(refresh_index):
    item = make_product()
    wanted = ItemFilter(sellers=[item.seller_id])
    refresh_index()
    assert list_items("product", wanted, size=5, after=None).total == 1
    delete_item(item)
    refresh_index()
    assert list_items("product", wanted, size=5, after=None).total == 0


def test_sellers_see_their_drafts_in_their_own_list(refresh_index):
    store = make_store()
    make_product("Published lamp", store=store)
    make_product("Draft lamp", store=store, status="draft")
    delete_item(make_product("Deleted lamp", store=store))
    refresh_index()
    own = list_managed("product", [store.id], q=None, status=None, size=5, after=None)
    assert sorted(document["title"] for document in own.documents) == ["Draft lamp", "Published lamp"]
    drafts = list_managed("product", [store.id], q=None, status="draft", size=5, after=None)
    assert [document["title"] for document in drafts.documents] == ["Draft lamp"]


def test_the_search_box_answers_up_to_five_of_each_kind(refresh_index):
    store = make_store(name="Zephyrine Goods")
    for number in range(6):
        make_product(f"Zephyrine lamp {number}", store=store)
    refresh_index()
    found = {hits.kind: hits for hits in search("zephirine", ["product", "store", "class"])}
    assert (len(found["product"].documents), found["product"].total) == (5, 6)
    assert found["store"].documents[0]["name"] == "Zephyrine Goods"
    assert found["class"].documents == []
