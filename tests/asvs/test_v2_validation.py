"""V2: what is taken, in which order, and how often."""

from dataclasses import replace

import pytest

from app.models import StockEntry
from app.plugins.cassandra_cqlengine import ledger
from app.utils.clock import utc_now
from app.utils.errors import DomainError
from app.utils.shared import load_shared
from tests.asvs.reading import document
from tests.purchases import make_goods, place

pytestmark = pytest.mark.usefixtures("app")


def test_v2_1_1_the_api_document_gives_the_form_of_values(app):
    schemas = app.api_document["components"]["schemas"]
    register = next(schema for name, schema in schemas.items() if name.endswith("RegisterIn"))
    assert register["additionalProperties"] is False
    assert "minLength" in str(register["properties"]["password"]) and "maxLength" in str(register["properties"])


def test_v2_1_2_the_rules_of_combined_values_are_written_down():
    page = document("security.md")
    for rule in ("one currency in an order", "a refund up to what was captured", "a code with the address"):
        assert rule in page


def test_v2_1_3_the_limits_are_written_down_as_they_are():
    page, limits = document("security.md"), load_shared("limits")
    assert f"| lines of an order | {limits['order_lines_max']} |" in page
    assert f"| pieces of a cart line | {limits['cart_quantity_max']} |" in page
    assert f"{limits['import_rows_max']} rows" in page
    assert f"| roles of a tenant | {limits['roles_per_tenant_max']} |" in page


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x", "count": "3"}, "count"),
        ({"name": "x", "count": 1, "more": 1}, "more"),
        ({"name": "x", "count": 1, "price": "1e3"}, "price"),
        ({"count": 1}, "name"),
    ],
)
def test_v2_2_1_a_value_of_another_form_is_refused(probe_client, body, field):
    answer = probe_client.post("/api/probe/things", json=body)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])


def test_v2_2_2_the_server_checks_whatever_a_page_let_through(client):
    answer = client.post("/api/auth/register", json={"email": "no address", "password": "short"})
    assert answer.status_code == 422 and {"email", "password"} <= set(answer.json["error"]["fields"])


def test_v2_2_3_values_that_do_not_fit_together_are_refused():
    dollars, euros = make_goods(), make_goods(currency="EUR")
    with pytest.raises(DomainError) as refusal:
        place(dollars.wanted(), euros.wanted())
    assert refusal.value.code == "mixed_currencies"


def test_v2_3_1_no_step_can_be_left_out(client, account):
    headers = account.headers
    account.user.update(email_confirmed_at=utc_now())
    answer = client.post("/api/auth/totp/confirm", json={"code": "123456"}, headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "no_second_factor")
    given = {"ticket": "x" * 43, "method": "totp", "code": "123456"}
    answer = client.post("/api/auth/login/second-factor", json=given)
    assert answer.json["error"]["code"] == "token_invalid"


def test_v2_3_2_a_cart_line_has_ninety_nine_pieces_at_most(client, account):
    goods = make_goods()
    body = {"kind": goods.kind, "ref_id": goods.id, "quantity": 100}
    answer = client.post("/api/cart/items", json=body, headers=account.headers)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["quantity"])


def test_v2_3_3_an_order_takes_all_its_lines_or_none():
    plenty, nothing = make_goods(left=5), make_goods(left=0)
    with pytest.raises(DomainError) as refusal:
        place(plenty.wanted(2), nothing.wanted())
    assert refusal.value.code == "out_of_stock"
    assert ledger.audit(StockEntry, plenty.reference) == 5


def test_v2_3_4_the_last_piece_is_sold_once():
    last = make_goods(left=1)
    place(last.wanted())
    with pytest.raises(DomainError) as refusal:
        place(last.wanted())
    assert refusal.value.code == "out_of_stock"


def test_v2_4_1_who_asks_too_often_waits(stores, make_app):
    client = make_app(replace(stores, rate_limit_enabled=True, rate_limit_visitor_per_minute=3)).test_client()
    answers = [client.get("/api/probe/things/abc") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_v2_4_1_the_front_doors_have_limits_of_their_own(stores, make_app):
    app = make_app(replace(stores, rate_limit_enabled=True, rate_limit_visitor_per_minute=1000))
    client = app.test_client()
    bodies = [{"email": f"nobody-{number}@example.com", "password": "x"} for number in range(31)]
    answers = [client.post("/api/auth/login", json=body) for body in bodies]
    assert {answer.status_code for answer in answers[:30]} == {401}
    assert (answers[30].status_code, answers[30].json["error"]["code"]) == (429, "rate_limited")
