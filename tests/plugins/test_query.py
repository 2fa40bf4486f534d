"""Every condition and method of the query language, and every refusal."""

from datetime import UTC, datetime

import pytest
from werkzeug.exceptions import NotFound

from app.plugins.cassandra_cqlengine_elastic import CursorRefused, search
from app.utils.ids import new_id
from tests.plugins.data_models import Book, Loan

pytestmark = pytest.mark.usefixtures("data_tables")


@pytest.fixture(scope="module")
def shelf(data_tables):
    """A tag that four books carry, with prices 10, 20, 30 and none."""
    shelf = new_id()
    for number, price in enumerate((10, 20, 30, None)):
        Book.create(
            title=f"Salsa for Beginners, volume {number}",
            price_cents=price,
            tags={shelf, f"{shelf}-{number}"},
            published_at=datetime(2026, 1, 1 + number, tzinfo=UTC),
            is_used=number % 2 == 0,
            refresh=True,
        )
    return shelf


def prices(query):
    return sorted(row.price_cents for row in query.get() if row.price_cents is not None)


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        ("=", 20, [20]),
        (">", 20, [30]),
        ("<", 20, [10]),
        (">=", 20, [20, 30]),
        ("<=", 20, [10, 20]),
        ("in", [10, 30, 99], [10, 30]),
        ("in", [], []),
        ("between", [10, 30], [10, 20, 30]),
        ("<between", [10, 30], [20, 30]),
        ("between>", [10, 30], [10, 20]),
        ("<between>", [10, 30], [20]),
    ],
)
def test_each_condition_with_a_value(shelf, condition, value, expected):
    query = Book.elastic("tags", shelf).where("price_cents", condition, value)
    assert (prices(query), query.count()) == (expected, len(expected))


def test_exists_and_missing_take_no_value(shelf):
    assert Book.elastic("tags", shelf).where2("price_cents", "exists").count() == 3
    assert Book.elastic("tags", shelf).where2("price_cents", "missing").count() == 1


def test_equal_on_a_list_column_means_contains(shelf):
    assert [row.price_cents for row in Book.elastic("tags", "=", f"{shelf}-1").get()] == [20]


def test_equal_on_a_text_column_means_the_whole_text(shelf):
    assert Book.elastic("title", "Salsa for Beginners, volume 1").where("tags", shelf).count() == 1
    assert Book.elastic("title", "Salsa").where("tags", shelf).count() == 0


def test_dates_and_booleans_compare(shelf):
    second = datetime(2026, 1, 2, tzinfo=UTC)
    assert prices(Book.elastic("published_at", "<=", second).where("tags", shelf)) == [10, 20]
    assert prices(Book.elastic("is_used", True).where("tags", shelf)) == [10, 30]


@pytest.mark.parametrize(
    ("text", "found"), [("SALSA beginners", 4), ("beginners salsa", 4), ("salsa tango", 0), ("volume 3", 1)]
)
def test_common_needs_all_words_and_is_blind_to_case(shelf, text, found):
    assert Book.elastic("title", "common", text).where("tags", shelf).count() == found


def test_match_forgives_typos_and_an_unfinished_word(shelf):
    assert len(Book.elastic("tags", shelf).match("salsa begginers", {"title": 1}).documents()) == 4
    assert len(Book.elastic("tags", shelf).match("sals begin", {"title": 1}).documents()) == 4
    assert Book.elastic("tags", shelf).match("salsa begginers", {"title": 1}, fuzzy=False).documents() == []
    assert Book.elastic("tags", shelf).match("   ", {"title": 1}).documents() == []


def test_a_query_without_a_condition_finds_all_rows(shelf):
    assert Book.elastic().count() >= 4


def test_sort_and_take_give_a_window_and_the_total_before_it(shelf):
    query = Book.elastic("tags", shelf).sort("price_cents", "asc").take(1, 1)
    assert [row.price_cents for row in query.get()] == [20]
    assert query.total == 4
    assert query.count() == 4


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_row_without_the_value_comes_last_in_both_orders(shelf, order):
    found = [row.price_cents for row in Book.elastic("tags", shelf).sort("price_cents", order).get()]
    assert found == ([10, 20, 30, None] if order == "asc" else [30, 20, 10, None])


def test_the_first_sort_has_priority_and_ties_go_by_id(shelf):
    by_use = Book.elastic("tags", shelf).sort("is_used").sort("price_cents", "asc").get()
    assert [row.price_cents for row in by_use] == [10, 30, 20, None]
    tied = Book.elastic("tags", shelf).get()
    assert [row.id for row in tied] == sorted(row.id for row in tied)


def test_sort_on_a_text_column_uses_the_whole_text(shelf):
    titles = [row.title for row in Book.elastic("tags", shelf).sort("title").get()]
    assert titles == sorted(titles, reverse=True)


def test_take_nothing_and_first(shelf):
    assert Book.elastic("tags", shelf).take(0).get() == []
    query = Book.elastic("tags", shelf).sort("price_cents", "asc")
    assert query.first().price_cents == 10
    assert query.total == 4
    assert Book.elastic("tags", new_id()).first() is None


def test_first_or_404_of_nothing_is_a_404(shelf):
    assert Book.elastic("tags", shelf).first_or_404().title.startswith("Salsa")
    with pytest.raises(NotFound):
        Book.elastic("tags", new_id()).first_or_404()


def test_get_leaves_out_rows_gone_from_cassandra(data_tables):
    shelf = new_id()
    row = Book.create(title="Gone soon", tags={shelf}, refresh=True)
    search().rest()
    row.delete()
    query = Book.elastic("tags", shelf)
    assert query.get() == []
    assert query.total == 1


def test_pages_follow_each_other_without_gap_or_repetition(shelf):
    seen, after = [], None
    while True:
        page = Book.elastic("tags", shelf).sort("price_cents").page(3, after)
        assert page.total == 4
        seen += [document.get("price_cents") for document in page.documents]
        if page.next is None:
            break
        after = page.next
    assert seen == [30, 20, 10, None]


@pytest.mark.parametrize("after", [[1], ["x", "y"], [1, 2, 3]])
def test_a_position_that_does_not_fit_is_refused(shelf, after):
    with pytest.raises(CursorRefused):
        Book.elastic("tags", shelf).sort("price_cents").page(3, after)


def test_a_facet_counts_under_the_other_filters_but_not_its_own(shelf):
    query = (
        Book.elastic("tags", shelf)
        .filter_facet("price_cents", [10])
        .filter_facet("is_used", [True])
        .facets({"price_cents": 10, "is_used": 5})
    )
    assert [document["price_cents"] for document in query.documents()] == [10]
    assert query.facet_counts["price_cents"] == [(10, 1), (30, 1)]
    assert query.facet_counts["is_used"] == [("true", 1)]
    assert (query.total, query.count()) == (1, 1)


def test_a_facet_can_count_ranges(shelf):
    query = Book.elastic("tags", shelf).facets({"price_cents": [(None, 20), (20, None)]})
    query.documents()
    assert query.facet_counts["price_cents"] == [((None, 20.0), 1), ((20.0, None), 2)]


def test_columns_that_are_not_listed_are_not_sent(shelf):
    row = Book.create(title="Hidden", tags={shelf + "s"}, secret="xyz", refresh=True)
    assert Book.elastic("tags", shelf + "s").documents()[0].keys() == {"id", "title", "tags", "updated_at"}
    row.delete(refresh=True)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Book.elastic("secret", "x"),
        lambda: Book.elastic("nowhere", "x"),
        lambda: Book.elastic("title", "like", "x"),
        lambda: Book.elastic("price_cents", "between", [1]),
        lambda: Book.elastic("price_cents", "between", 5),
        lambda: Book.elastic("price_cents", "<between>", [1, None]),
        lambda: Book.elastic("tags", "common", "x"),
        lambda: Book.elastic("title", "common", 7),
        lambda: Book.elastic("price_cents", "exists", 5),
        lambda: Book.elastic("price_cents", "exists"),
        lambda: Book.elastic("price_cents", "exists", None),
        lambda: Book.elastic("is_used", 1),
        lambda: Book.elastic("tags", 5),
        lambda: Book.elastic("price_cents", True),
        lambda: Book.elastic("published_at", "yesterday"),
        lambda: Book.elastic().where2("price_cents", "="),
        lambda: Book.elastic().where2("price_cents", ">"),
        lambda: Book.elastic("price_cents", "in", "abc"),
        lambda: Book.elastic("price_cents", "in", 5),
        lambda: Book.elastic("price_cents", "=", None),
        lambda: Book.elastic("price_cents", ">", [1]),
        lambda: Book.elastic("extras", "x"),
        lambda: Book.elastic("published_at", ">", datetime(2026, 1, 1)),
        lambda: Book.elastic().sort("nowhere"),
        lambda: Book.elastic().sort("title", "upwards"),
        lambda: Book.elastic().take(-1),
        lambda: Book.elastic().take(10_001),
        lambda: Book.elastic().take(10, 9_995),
        lambda: Book.elastic().where("title"),
        lambda: Book.elastic().match("x", {"tags": 1}),
        lambda: Book.elastic().facets({"nowhere": 3}),
    ],
)
def test_what_cannot_be_asked_is_refused_before_any_call(data_tables, build):
    with pytest.raises(ValueError):
        build()


def test_a_key_of_two_parts_is_found_again(data_tables):
    library = new_id()
    Loan.create_if_absent(library=library, number="a:b/ü", status="out", refresh=True)
    assert [row.number for row in Loan.elastic("library", library).get()] == ["a:b/ü"]
