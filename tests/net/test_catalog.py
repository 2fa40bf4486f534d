"""The catalog over HTTP: every route as a visitor, a stranger, its seller, and with a body that cannot be."""

import re

import pytest

from app.services.catalog import find_item
from app.utils.ids import new_id
from tests.factories import make_category, make_course, make_product, make_school, make_store

COURSE = {"title": "Salsa for Beginners", "price": "19.99", "status": "published", "seats": 12, "level": "beginner"}
PRODUCT = {"title": "Walnut desk lamp", "price": "59.90", "status": "published", "stock": 3, "sku": "LAMP-1"}
ROUTES = [("school/courses", "courses", COURSE, make_school), ("store/products", "products", PRODUCT, make_store)]


@pytest.fixture
def seller(sign_up):
    """Somebody with a school and a store."""
    person = sign_up(is_seller=True, is_teacher=True)
    make_school(person.id)
    make_store(person.id)
    return person


@pytest.fixture
def stranger(sign_up):
    """Another seller."""
    person = sign_up(is_seller=True)
    make_school(person.id)
    make_store(person.id)
    return person


def test_one_item_has_the_shape_of_the_wire(client):
    item = make_product(price="1234.50", currency="USD", stock=3, sku="A", own={"attributes": {"colour": "oak"}})
    answer = client.get(f"/api/products/{item.id}")
    assert answer.status_code == 200
    data = answer.json["data"]
    assert (data["price"], data["currency"], data["available"], data["in_stock"]) == ("1234.50", "USD", 3, True)
    assert data["attributes"] == {"colour": "oak"}
    assert data["seller"] == {
        "id": item.seller_id, "kind": "store", "name": item.seller_name, "slug": item.seller_slug
    }  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", data["created_at"])
    assert client.get(f"/api/products/{item.slug}").json["data"] == data


@pytest.mark.parametrize(("currency", "price"), [("JPY", "500"), ("KWD", "1.234")])
def test_prices_have_their_currencys_decimals(currency, price, client):
    item = make_product(price=price, currency=currency)
    assert client.get(f"/api/products/{item.id}").json["data"]["price"] == price


@pytest.mark.parametrize(
    "path", ["courses/nope", f"products/{'x' * 27}", "products/%F0%9F%92%83", "courses/" + "x" * 300]
)
def test_unknown_items_are_not_found(path, client):
    answer = client.get(f"/api/{path}")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")


def test_a_course_is_no_product(client):
    assert client.get(f"/api/products/{make_course().id}").status_code == 404


def test_a_draft_is_there_for_its_people_only(client, seller, stranger, sign_up):
    answer = client.post("/api/school/courses", json={**COURSE, "status": "draft"}, headers=seller.headers)
    path = answer.headers["Location"]
    assert client.get(path).status_code == 404
    assert client.get(path, headers=stranger.headers).status_code == 404
    assert client.get(path, headers=seller.headers).status_code == 200
    assert client.get(path, headers=sign_up(is_admin=True).headers).status_code == 200


@pytest.mark.parametrize(("own", "shown", "body", "_make"), ROUTES)
def test_a_seller_makes_changes_and_removes_an_item(own, shown, body, _make, client, seller):
    made = client.post(f"/api/{own}", json=body, headers=seller.headers)
    assert made.status_code == 201
    item = made.json["data"]
    assert made.headers["Location"] == f"/api/{shown}/{item['id']}"
    changed = client.put(f"/api/{own}/{item['id']}", json={**body, "price": "7.00"}, headers=seller.headers)
    assert (changed.status_code, changed.json["data"]["price"]) == (200, "7.00")
    assert client.get(f"/api/{shown}/{item['id']}").json["data"]["price"] == "7.00"
    assert client.delete(f"/api/{own}/{item['id']}", headers=seller.headers).status_code == 204
    assert client.get(f"/api/{shown}/{item['id']}").status_code == 404
    assert client.delete(f"/api/{own}/{item['id']}", headers=seller.headers).status_code == 404


@pytest.mark.parametrize(("own", "_shown", "body", "_make"), ROUTES)
def test_others_cannot_change_it(own, _shown, body, _make, client, seller, stranger, sign_up):
    item = client.post(f"/api/{own}", json=body, headers=seller.headers).json["data"]
    path = f"/api/{own}/{item['id']}"
    for method in (client.put, client.delete):
        extra = {"json": body} if method == client.put else {}
        assert method(path, headers=stranger.headers, **extra).status_code == 404
        assert method(path, headers=sign_up().headers, **extra).status_code == 403
        assert method(path, **extra).status_code in (401, 403)
    assert client.put(path, json=body, headers=sign_up(is_admin=True).headers).status_code == 200


@pytest.mark.parametrize(("own", "_shown", "body", "make"), ROUTES)
def test_nobody_makes_items_in_anothers_shop(own, _shown, body, make, client, seller, sign_up):
    field = "school_id" if "school" in own else "store_id"
    foreign = make()
    answer = client.post(f"/api/{own}", json={**body, field: foreign.id}, headers=seller.headers)
    assert answer.status_code == 404
    assert client.post(f"/api/{own}", json=body).status_code in (401, 403)
    assert client.post(f"/api/{own}", json=body, headers=sign_up(is_seller=True).headers).status_code == 404


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"price": "-1"}, ["price"]),
        ({"price": "1000000"}, ["price"]),
        ({"price": "1.999"}, ["price"]),
        ({"price": 5}, ["price"]),
        ({"price": "1.50", "currency": "JPY"}, ["price"]),
        ({"currency": "BTC"}, ["currency"]),
        ({"title": "   "}, ["title"]),
        ({"title": "x" * 201}, ["title"]),
        ({"stock": -1}, ["stock"]),
        ({"stock": "3"}, ["stock"]),
        ({"slug": "Not A Slug"}, ["slug"]),
        ({"slug": "Upper-Case"}, ["slug"]),
        ({"category": "no-such"}, ["category"]),
        ({"cover": "javascript:alert(1)"}, ["cover"]),
        ({"pictures": ["/a"] * 11}, ["pictures"]),
        ({"colour": "red"}, ["colour"]),
        ({"title": "", "price": "x"}, ["price", "title"]),
    ],
)
def test_values_that_cannot_be_are_named(changes, fields, client, seller):
    answer = client.post("/api/store/products", json={**PRODUCT, **changes}, headers=seller.headers)
    assert answer.status_code == 422
    assert sorted(answer.json["error"]["fields"]) == fields


def test_malformed_json_is_refused(client, seller):
    answer = client.post("/api/store/products", data="{", content_type="application/json", headers=seller.headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_request")


def test_taken_names_are_conflicts(client, seller):
    slug = f"lamp-{new_id()}".lower()
    first = {**PRODUCT, "slug": slug, "sku": "A"}
    assert client.post("/api/store/products", json=first, headers=seller.headers).status_code == 201
    again = client.post("/api/store/products", json={**first, "sku": "B"}, headers=seller.headers)
    assert (again.status_code, again.json["error"]["code"]) == (409, "slug_taken")
    other = client.post("/api/store/products", json={**PRODUCT, "sku": "A"}, headers=seller.headers)
    assert (other.status_code, other.json["error"]["code"]) == (409, "sku_taken")


def test_an_older_state_cannot_overwrite(client, seller):
    item = client.post("/api/store/products", json=PRODUCT, headers=seller.headers).json["data"]
    path = f"/api/store/products/{item['id']}"
    stale = {**seller.headers, "If-Match": "2020-01-01T00:00:00Z"}
    for answer in (client.put(path, json=PRODUCT, headers=stale), client.delete(path, headers=stale)):
        assert (answer.status_code, answer.json["error"]["code"]) == (409, "stale")
    fresh = {**seller.headers, "If-Match": item["updated_at"]}
    assert client.put(path, json=PRODUCT, headers=fresh).status_code == 200


def test_one_key_makes_one_item(client, seller):
    headers = {**seller.headers, "Idempotency-Key": new_id()}
    body = {**PRODUCT, "sku": None}
    first = client.post("/api/store/products", json=body, headers=headers)
    again = client.post("/api/store/products", json=body, headers=headers)
    assert first.json["data"]["id"] == again.json["data"]["id"]


def test_lists_are_pages_with_facets(client, refresh_index):
    category = make_category()
    made = [make_course(f"Course {number}", price=f"{number}.00", category=category.slug) for number in range(1, 4)]
    refresh_index()
    url = f"/api/courses?category={category.slug}&sort=price&size=2"
    first = client.get(url).json
    assert [item["id"] for item in first["data"]] == [made[0].id, made[1].id]
    assert (first["page"]["size"], first["page"]["total"]) == (2, 3)
    assert {"value": category.slug, "label": category.name, "count": 3} in first["facets"]["category"]
    second = client.get(f"{url}&after={first['page']['next']}").json
    assert [item["id"] for item in second["data"]] == [made[2].id]
    assert second["page"]["next"] is None
    foreign = client.get(f"/api/products?after={first['page']['next']}")
    assert (foreign.status_code, foreign.json["error"]["code"]) == (422, "bad_cursor")


def test_listed_and_read_items_agree(client, refresh_index):
    item = make_product(stock=4, sku="A", compare_at="99.00", own={"brand": "Zed"})
    refresh_index()
    listed = client.get(f"/api/products?store={item.seller_id}").json["data"][0]
    assert listed == client.get(f"/api/products/{item.id}").json["data"]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("min_price=10&max_price=5", ["min_price"]),
        ("min_price=-1", ["min_price"]),
        ("min_price=abc", ["min_price"]),
        ("max_price=1.999", ["max_price"]),
        ("sort=cheap", ["sort"]),
        ("size=0", ["size"]),
        ("size=101", ["size"]),
        ("currency=usd", ["currency"]),
        ("in_stock=maybe", ["in_stock"]),
        ("after=forged", ["after"]),
    ],
)
def test_queries_that_cannot_be_are_named(query, fields, client):
    for path in ("courses", "products"):
        answer = client.get(f"/api/{path}?{query}")
        assert answer.status_code == 422
        assert list(answer.json["error"]["fields"]) == fields


@pytest.mark.parametrize(
    "query", ["", "size=1", "size=100", "min_price=0&max_price=0", "unknown=1", "min_price=5&max_price=5"]
)
def test_queries_at_the_edges_are_answered(query, client):
    assert client.get(f"/api/products?{query}").status_code == 200


def test_sellers_list_their_own(client, seller, refresh_index):
    client.post("/api/store/products", json={**PRODUCT, "status": "draft"}, headers=seller.headers)
    refresh_index()
    answer = client.get("/api/store/products?status=draft", headers=seller.headers)
    assert [item["status"] for item in answer.json["data"]] == ["draft"]
    assert client.get("/api/school/courses", headers=seller.headers).json["data"] == []
    assert client.get("/api/store/products").status_code == 401


def test_the_category_tree_puts_parents_first(client):
    root = make_category()
    child = make_category(root.slug)
    tree = client.get("/api/categories").json["data"]
    places = {node["slug"]: place for place, node in enumerate(tree)}
    assert places[root.slug] < places[child.slug]
    assert tree[places[child.slug]]["path"] == [root.slug, child.slug]


@pytest.mark.parametrize(("path", "make"), [("schools", make_school), ("stores", make_store)])
def test_sellers_are_public(path, make, client, refresh_index):
    seller = make(name=f"Quixotic {new_id()}")
    refresh_index()
    assert client.get(f"/api/{path}/{seller.id}").json["data"]["name"] == seller.name
    assert client.get(f"/api/{path}/{seller.slug}").json["data"]["id"] == seller.id
    found = client.get(f"/api/{path}", query_string={"q": seller.name.split()[1]}).json
    assert [each["id"] for each in found["data"]] == [seller.id]
    assert "owner_id" not in found["data"][0]
    assert client.get(f"/api/{path}/nobody").status_code == 404


def test_search_answers_by_kind_and_forgives(client, refresh_index):
    item = make_course("Quetzalcoatl drumming")
    refresh_index()
    data = client.get("/api/search?q=quetzalcoatel&kinds=course,class").json["data"]
    assert [each["id"] for each in data["course"]] == [item.id]
    assert data["totals"] == {"course": 1, "class": 0}


@pytest.mark.parametrize(
    ("query", "field"), [("", "q"), ("q=a", "q"), ("q=" + "x" * 101, "q"), ("q=ab&kinds=user", "kinds")]
)
def test_searches_that_cannot_be_are_named(query, field, client):
    answer = client.get(f"/api/search?{query}")
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])


def test_stock_shown_follows_the_last_change(client, seller):
    item = client.post("/api/store/products", json=PRODUCT, headers=seller.headers).json["data"]
    client.put(f"/api/store/products/{item['id']}", json={**PRODUCT, "stock": 0}, headers=seller.headers)
    data = client.get(f"/api/products/{item['id']}").json["data"]
    assert (data["available"], data["in_stock"]) == (0, False)
    assert find_item("product", item["id"]).stock_available == 0
