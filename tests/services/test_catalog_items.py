"""Courses and products: names that nobody else has, drafts that others do not see, deletion that forgets no order."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from app.models import CatalogName, Product
from app.services import names, stores
from app.services.accounts import Rights
from app.services.catalog import delete_item, find_item, managed_item, read_item, stock, update_item
from app.services.catalog.items import WRITE, SkuTaken, SlugTaken, create_item
from app.utils.clock import utc_now
from app.utils.errors import InvalidValue, NotFound
from app.utils.ids import new_id
from tests.factories import item_values, make_category, make_course, make_product, make_school, make_store

pytestmark = pytest.mark.usefixtures("stores")


def test_an_item_is_found_by_id_and_by_slug():
    item = make_product(f"Lamp {new_id()}")
    assert find_item("product", item.id).id == find_item("product", item.slug).id == item.id
    assert find_item("course", item.id) is None


def test_the_same_title_gets_another_slug():
    title = f"Salsa {new_id()}"
    first, second = make_course(title), make_course(title)
    assert second.slug == f"{first.slug}-2"


def test_a_chosen_slug_that_is_taken_is_refused():
    slug = f"lamp-{new_id()}".lower()
    make_product(slug=slug)
    with pytest.raises(SlugTaken):
        make_product(slug=slug)


def test_of_two_who_want_one_slug_at_once_exactly_one_gets_it():
    slug, ready = f"lamp-{new_id()}".lower(), Barrier(8)
    store = make_store()

    def want(_: int) -> bool:
        ready.wait()
        try:
            make_product(store=store, slug=slug)
        except SlugTaken:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(want, range(8))) == 1


def test_a_sku_is_unique_in_its_store_only():
    store = make_store()
    make_product(store=store, sku="A-1")
    with pytest.raises(SkuTaken):
        make_product(store=store, sku="A-1")
    assert make_product(sku="A-1").sku == "A-1"


def test_a_name_whose_maker_crashed_is_free_after_ten_minutes():
    name, lost, now = names.slug_name("product", f"lost-{new_id()}".lower()), new_id(), utc_now()
    assert names.claim(name, lost, Product, now)
    assert not names.claim(name, new_id(), Product, now + timedelta(minutes=10) - timedelta(milliseconds=1))
    later = new_id()
    assert names.claim(name, later, Product, now + timedelta(minutes=10))
    assert names.holder(name) == later


def test_a_name_of_a_standing_item_is_never_taken_over():
    item = make_product()
    assert not names.claim(names.slug_name("product", item.slug), new_id(), Product, utc_now() + timedelta(days=9))


def test_releasing_anothers_name_changes_nothing():
    item = make_product()
    names.release(names.slug_name("product", item.slug), new_id())
    assert find_item("product", item.slug).id == item.id


def test_an_unknown_category_is_refused_and_claims_nothing():
    slug = f"lamp-{new_id()}".lower()
    with pytest.raises(InvalidValue) as refusal:
        make_product(slug=slug, category="no-such-category")
    assert list(refusal.value.fields) == ["category"]
    assert CatalogName.find(names.slug_name("product", slug)) is None


def test_an_item_knows_its_categories_from_the_root():
    root = make_category()
    child = make_category(root.slug)
    assert make_product(category=child.slug).category_path == [root.slug, child.slug]


def test_a_fourth_level_of_categories_is_refused():
    third = make_category(make_category(make_category().slug).slug)
    with pytest.raises(InvalidValue):
        make_category(third.slug)


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_what_is_not_published_is_seen_by_its_people_and_staff_only(status):
    school = make_school()
    item = make_course(school=school, status=status)
    assert read_item("course", item.id, Rights(school.owner_id)).id == item.id
    assert read_item("course", item.id, Rights(new_id(), frozenset({"catalog.item.manage"}))).id == item.id
    for reader in (None, Rights(new_id())):
        with pytest.raises(NotFound):
            read_item("course", item.slug, reader)


def test_anothers_item_cannot_be_managed():
    item = make_product()
    with pytest.raises(NotFound):
        managed_item("product", item.id, Rights(new_id()))
    assert managed_item("product", item.id, Rights(item.owner_id)).id == item.id


def test_a_changed_item_keeps_its_slug_and_first_publication():
    item = make_product("Lamp", sku="A", stock=2, status="draft")
    assert item.published_at is None
    published = update_item(item, item_values("Better lamp", "25.00", sku="A", stock=7), change_id="c1", now=utc_now())
    assert (published.slug, published.title, published.price_cents) == (item.slug, "Better lamp", 2500)
    assert (published.stock_available, published.in_stock) == (7, True)
    first = published.published_at
    again = update_item(published, item_values("Lamp 3", "25.00", sku="A"), change_id="c2", now=utc_now())
    assert again.published_at == first
    assert (again.is_stock_tracked, again.stock_available, again.in_stock) == (False, None, True)


def test_a_changed_slug_and_sku_free_the_old_ones():
    store = make_store()
    item = make_product(f"Lamp {new_id()}", store=store, sku="A")
    old_slug, new_slug = item.slug, f"other-{new_id()}".lower()
    update_item(item, item_values("Lamp", slug=new_slug, sku="B"), change_id="c", now=utc_now())
    assert find_item("product", new_slug).id == item.id
    assert make_product(store=store, sku="A", slug=old_slug).sku == "A"


def test_deletion_of_what_nobody_ordered_frees_its_names():
    store = make_store()
    item = make_product(f"Lamp {new_id()}", store=store, sku="A")
    slug = item.slug
    assert delete_item(item).status == "deleted"
    assert find_item("product", item.id) is None
    assert make_product(store=store, sku="A", slug=slug).slug == slug


@pytest.mark.parametrize("left", [None, 5])
def test_deletion_of_what_was_ordered_archives_it(left):
    item = make_product(stock=left)
    stock.hold(stock.item_ref("product", item.id), "order", 1, 1, utc_now())
    assert delete_item(find_item("product", item.id)).status == "archived"
    assert read_item("product", item.slug, Rights(item.owner_id)).id == item.id


def test_creating_again_with_the_same_id_posts_no_stock_twice():
    store, item_id = make_store(), new_id()
    values = replace(item_values(), sku="A", stock=4)
    for _ in range(2):
        create_item("product", values, seller=store, item_id=item_id, now=utc_now())
    assert stock.available(stock.item_ref("product", item_id)) == 4


def test_the_seller_of_a_person_with_several_must_be_named():
    owner = new_id()
    first, second = make_store(owner), make_store(owner)
    with pytest.raises(InvalidValue) as refusal:
        stores.managed_seller("store", None, Rights(owner), WRITE)
    assert list(refusal.value.fields) == ["store_id"]
    assert stores.managed_seller("store", second.id, Rights(owner), WRITE).id == second.id
    assert {seller.id for seller in stores.sellers_of(Rights(owner), WRITE)} == {first.id, second.id}
    with pytest.raises(NotFound):
        stores.managed_seller("store", first.id, Rights(new_id()), WRITE)
    with pytest.raises(NotFound):
        stores.managed_seller("school", None, Rights(owner), WRITE)
