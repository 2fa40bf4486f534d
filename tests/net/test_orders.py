"""The purchase over HTTP: cart, order, payment page, webhook, lists."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from app.models import SandboxDelivery
from app.plugins.sandbox import SandboxProvider, books, sandbox
from app.plugins.sandbox.signatures import HEADER, sign
from app.plugins.sandbox.tables import SHARDS
from app.services import accounts as account_service
from app.services.accounts import NewAccount, SessionStart
from app.services.accounts.sessions import start_session
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.purchases import make_goods, stands

PASSWORD = "correct horse battery"


@pytest.fixture
def sign_in(app, settings):
    """A client with the bearer token of a new person; `flags` as accounts name them."""

    def sign(**flags):
        account = NewAccount(f"p-{new_id()}@example.com", PASSWORD)
        user = account_service.register(account, now=utc_now(), settings=settings, **flags)
        signed_in = start_session(user, SessionStart("mobile", "t"), now=utc_now(), settings=settings)
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {signed_in.access_token}"
        client.user = user
        return client

    return sign


@pytest.fixture
def buyer(sign_in):
    return sign_in()


def item(goods, quantity=1):
    return {"kind": goods.kind, "ref_id": goods.id, "quantity": quantity}


def order(client, *items, **more):
    return client.post("/api/orders", json={"items": list(items)} | more)


def send_event(client, reference, now=None):
    """What the sandbox sends for the last event of this charge."""
    charge = sandbox.find_charge(reference)
    event = sandbox.courier.signed(charge, charge.event_list[-1]["id"], now or utc_now())
    return client.post("/api/payment/webhook/sandbox", data=event.body, headers=event.headers)


def code_of(answer):
    return answer.status_code, answer.json["error"]["code"]


def test_the_whole_purchase_from_a_visitors_cart_to_a_paid_order(app, settings, refresh_index):
    lamp = make_goods(price="19.99", left=5)
    browser = app.test_client()
    assert browser.get("/api/cart").json["data"]["items"] == []
    answer = browser.post("/api/cart/items", json=item(lamp, 3))
    assert answer.status_code == 201
    cookie = next(text for text in answer.headers.getlist("Set-Cookie") if text.startswith("visitor="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    token = browser.get("/api/auth/csrf").json["data"]["csrf_token"]
    csrf = {"X-CSRF-Token": token}
    email = f"v-{new_id()}@example.com".lower()
    browser.post("/api/auth/register", json={"email": email, "password": PASSWORD}, headers=csrf)
    cart = browser.get("/api/cart").json["data"]
    assert [(line["ref_id"], line["quantity"], line["line_total"]) for line in cart["items"]] == [(lamp.id, 3, "59.97")]
    assert (cart["subtotal"], cart["total"], cart["currency"], cart["count"]) == ("59.97", "59.97", "USD", 3)
    csrf = {"X-CSRF-Token": browser.get("/api/auth/csrf").json["data"]["csrf_token"]}
    placed = browser.post("/api/orders", json={"provider": "sandbox"}, headers=csrf | {"Idempotency-Key": "one"})
    assert placed.status_code == 201, placed.json
    first = placed.json["data"]
    assert placed.headers["Location"] == f"/api/orders/{first['id']}"
    assert (first["status"], first["total"], first["email"]) == ("pending", "59.97", email)
    again = browser.post("/api/orders", json={"provider": "sandbox"}, headers=csrf | {"Idempotency-Key": "one"})
    assert (again.status_code, again.json["data"]["id"]) == (201, first["id"])
    assert browser.get("/api/cart").json["data"]["count"] == 0

    path = first["checkout_url"].removeprefix(settings.site_url)
    page = browser.get(path)
    assert page.status_code == 200
    assert "59.97" in page.text
    assert "Walnut desk lamp" in page.text
    gone = browser.post(path, data={"choice": "pay"})
    assert (gone.status_code, gone.headers["Location"]) == (
        303,
        f"{settings.site_url}/order?id={first['id']}&status=success",
    )
    assert browser.get(f"/api/orders/{first['id']}").json["data"]["status"] == "pending", "a return pays nothing"
    assert send_event(app.test_client(), first["payment_id"]).json == {"data": {"result": "confirmed"}}
    paid = browser.get(f"/api/orders/{first['id']}").json["data"]
    assert paid["status"] == "paid"
    assert paid["checkout_url"] is None
    assert [event["what"] for event in paid["timeline"]] == ["placed", "pending", "paid", "settled"]
    payment = browser.get(f"/api/payment/status/{first['payment_id']}").json["data"]
    assert (payment["status"], payment["captured"], payment["related_id"]) == ("confirmed", "59.97", first["id"])
    refresh_index()
    listed = browser.get("/api/orders").json
    assert [entry["id"] for entry in listed["data"]] == [first["id"]]
    assert listed["data"][0]["items"][0]["title"] == "Walnut desk lamp"
    assert listed["page"] == {"size": 20, "total": 1, "next": None}


def test_two_buyers_and_one_piece(buyer, sign_in):
    lamp = make_goods(left=1)
    assert order(buyer, item(lamp)).status_code == 201
    refused = order(sign_in(), item(lamp))
    assert code_of(refused) == (409, "out_of_stock")
    assert refused.json["error"]["details"] == {"line": 1, "item_ref": lamp.reference, "available": 0}


def test_cancel_and_pay_again_over_http(buyer, sign_in):
    lamp = make_goods(left=1)
    first = order(buyer, item(lamp)).json["data"]
    path = f"/api/orders/{first['id']}"
    again = buyer.post(f"{path}/checkout")
    assert (again.status_code, again.json["data"]["checkout_url"]) == (201, first["checkout_url"])
    assert buyer.post(f"{path}/cancel").json["data"]["status"] == "cancelled"
    assert code_of(buyer.post(f"{path}/cancel")) == (409, "order_state")
    assert code_of(buyer.post(f"{path}/checkout")) == (409, "order_state")
    assert order(sign_in(), item(lamp)).status_code == 201
    page = buyer.get(f"/sandbox/pay/{first['payment_id']}")
    assert "closed" in page.text
    assert 'name="choice"' not in page.text


def test_a_declined_card_leaves_the_order_waiting_with_a_new_page(buyer, app):
    first = order(buyer, item(make_goods())).json["data"]
    gone = app.test_client().post(f"/sandbox/pay/{first['payment_id']}", data={"choice": "decline"})
    assert gone.headers["Location"].endswith("&status=cancel")
    assert send_event(app.test_client(), first["payment_id"]).json["data"]["result"] == "rejected"
    standing = buyer.get(f"/api/orders/{first['id']}").json["data"]
    assert (standing["status"], standing["checkout_url"]) == ("pending", None)
    second = buyer.post(f"/api/orders/{first['id']}/checkout").json["data"]
    assert second["payment_id"] != first["payment_id"]


@pytest.mark.parametrize("path", ["/api/orders/{}", "/api/payment/status/{}"])
def test_anothers_is_404_and_not_403(buyer, sign_in, path):
    first = order(buyer, item(make_goods())).json["data"]
    own = first["id"] if "orders" in path else first["payment_id"]
    assert buyer.get(path.format(own)).status_code == 200
    assert code_of(sign_in().get(path.format(own))) == (404, "not_found")
    assert code_of(buyer.get(path.format(new_id()))) == (404, "not_found")


def test_anothers_order_cannot_be_cancelled_or_paid(buyer, sign_in):
    first = order(buyer, item(make_goods())).json["data"]
    for action in ("cancel", "checkout"):
        assert code_of(sign_in().post(f"/api/orders/{first['id']}/{action}")) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/api/orders"),
        ("get", "/api/orders"),
        ("get", "/api/orders/x"),
        ("post", "/api/orders/x/cancel"),
        ("post", "/api/orders/x/checkout"),
        ("get", "/api/payment/status/x"),
        ("get", "/api/seller/orders"),
        ("get", "/api/admin/orders"),
    ],
)
def test_nobody_gets_in_without_a_login(client, method, path):
    assert code_of(getattr(client, method)(path)) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"items": [{"kind": "spaceship", "ref_id": "x"}]}, "items.0.kind"),
        ({"items": [{"kind": "product", "ref_id": "x", "quantity": 0}]}, "items.0.quantity"),
        ({"items": [{"kind": "product", "ref_id": "x", "quantity": 100}]}, "items.0.quantity"),
        ({"items": [{"kind": "product", "ref_id": "x", "quantity": "1"}]}, "items.0.quantity"),
        ({"items": [], "colour": "red"}, "colour"),
        ({"provider": "barter"}, "provider"),
        ({"billing": {"country": "Atlantis"}}, "billing.country"),
        ({"note": "x" * 1001}, "note"),
    ],
)
def test_a_malformed_order_is_refused_by_field(buyer, body, field):
    answer = buyer.post("/api/orders", json=body)
    assert code_of(answer) == (422, "invalid")
    assert list(answer.json["error"]["fields"]) == [field]


def test_nothing_to_order_is_422(buyer):
    assert code_of(buyer.post("/api/orders", json={})) == (422, "order_empty")
    assert code_of(order(buyer)) == (422, "order_empty")


def test_billing_and_note_come_back(buyer):
    billing = {"name": "Bea Marlow", "city": "Porto", "country": "PT"}
    first = order(buyer, item(make_goods()), billing=billing, note="Ring twice").json["data"]
    standing = buyer.get(f"/api/orders/{first['id']}").json["data"]
    assert (standing["billing"], standing["note"]) == (billing, "Ring twice")


def test_a_body_altered_by_one_byte_is_400_and_the_order_still_pending(buyer, client):
    first = order(buyer, item(make_goods())).json["data"]
    sandbox_charge = sandbox.pay(sandbox.find_charge(first["payment_id"]), utc_now())
    event = sandbox.courier.signed(sandbox_charge, sandbox_charge.event_list[-1]["id"], utc_now())
    altered = event.body.replace(b"paid", b"paie")
    answer = client.post("/api/payment/webhook/sandbox", data=altered, headers=event.headers)
    assert code_of(answer) == (400, "bad_signature")
    assert code_of(client.post("/api/payment/webhook/sandbox", data=event.body)) == (400, "bad_signature")
    old = send_event(client, first["payment_id"], utc_now() - timedelta(seconds=302))
    assert code_of(old) == (400, "bad_signature")
    assert stands(first["id"]).status == "pending"
    assert send_event(client, first["payment_id"]).status_code == 200
    assert send_event(client, first["payment_id"]).status_code == 200
    assert stands(first["id"]).status == "paid"


def test_unknown_events_are_taken_and_unknown_providers_are_not(client):
    body = json.dumps({"id": new_id(), "type": "charge.dreamt", "charge": {"reference": "x", "state": "paid",
        "amount_cents": 1, "refunded_cents": 0, "currency": "USD"}}).encode()  # fmt: skip
    headers = {HEADER: sign(sandbox.courier.secret, body, utc_now())}
    assert client.post("/api/payment/webhook/sandbox", data=body, headers=headers).json["data"]["result"] == "ignored"
    assert code_of(client.post("/api/payment/webhook/barter", data=body)) == (404, "not_found")


def test_payment_methods(client):
    assert client.get("/api/payment/methods").json["data"] == [{"provider": "sandbox", "name": "Test payment"}]


def test_sellers_see_their_own_lines_only(buyer, sign_in, refresh_index):
    seller, other = sign_in(is_seller=True), sign_in(is_seller=True)
    lamp = make_goods(owner_id=seller.user.id, price="10.00", title="Lamp")
    vase = make_goods(owner_id=other.user.id, price="4.00", title="Vase")
    first = order(buyer, item(lamp, 2), item(vase)).json["data"]
    refresh_index()
    sales = seller.get("/api/seller/orders").json["data"]
    assert [(sale["id"], sale["total"], [line["title"] for line in sale["items"]]) for sale in sales] == [
        (first["id"], "20.00", ["Lamp"])
    ]
    assert "email" not in sales[0]
    assert code_of(seller.get(f"/api/seller/orders?seller_id={new_id()}")) == (404, "not_found")
    assert code_of(buyer.get("/api/seller/orders")) == (403, "forbidden")


def test_staff_find_an_order_by_its_buyer(buyer, sign_in, refresh_index):
    first = order(buyer, item(make_goods())).json["data"]
    refresh_index()
    found = sign_in(is_admin=True).get(f"/api/admin/orders?email={buyer.user.email}").json["data"]
    assert [entry["id"] for entry in found] == [first["id"]]
    assert code_of(buyer.get("/api/admin/orders")) == (403, "forbidden")


def test_cart_lines_over_http(buyer):
    lamp, course = make_goods(left=5), make_goods("course")
    assert buyer.post("/api/cart/items", json=item(lamp, 2)).status_code == 201
    path = f"/api/cart/items/{lamp.reference}"
    assert buyer.put(path, json={"quantity": 5}).json["data"]["count"] == 5
    refused = buyer.put(path, json={"quantity": 6})
    assert code_of(refused) == (409, "out_of_stock")
    assert refused.json["error"]["details"] == {"available": 5}
    for wrong in (-1, 100, "2", 1.5, None):
        assert code_of(buyer.put(path, json={"quantity": wrong})) == (422, "invalid")
    assert code_of(buyer.post("/api/cart/items", json={"kind": "product", "ref_id": "nothing"})) == (404, "not_found")
    buyer.post("/api/cart/items", json=item(course))
    assert code_of(buyer.post("/api/cart/items", json=item(course))) == (409, "one_per_person")
    assert buyer.delete(path).status_code == 204
    assert code_of(buyer.delete(path)) == (404, "not_found")
    assert buyer.delete("/api/cart").status_code == 204
    assert buyer.get("/api/cart").json["data"]["items"] == []


def test_the_sandbox_really_delivers_over_http_until_it_is_heard(live_server, settings, buyer):
    first = order(buyer, item(make_goods("course"))).json["data"]
    away, here = SandboxProvider(), SandboxProvider()
    away.configure(replace(settings, public_url="http://127.0.0.1:9"))
    here.configure(replace(settings, public_url=live_server))
    now = utc_now()
    _, event_id = books.pay(first["payment_id"], now)
    away.deliver_due(now)
    waiting = waiting_delivery(event_id)
    assert (waiting.attempts, waiting.last_answer) == (1, "ConnectError")
    assert waiting.due_at == now + timedelta(seconds=2)
    assert stands(first["id"]).status == "pending"
    here.deliver_due(now + timedelta(seconds=1))
    assert stands(first["id"]).status == "pending", "the pause is not over"
    here.deliver_due(now + timedelta(seconds=2))
    assert stands(first["id"]).status == "paid"
    assert waiting_delivery(event_id) is None


def waiting_delivery(event_id):
    rows = (row for shard in range(SHARDS) for row in SandboxDelivery.objects(shard=shard))
    return next((row for row in rows if row.event_id == event_id), None)


def test_the_payment_page_of_nothing_is_404(client):
    assert client.get(f"/sandbox/pay/{new_id()}").status_code == 404
    assert client.post(f"/sandbox/pay/{new_id()}", data={"choice": "pay"}).status_code == 404
