"""V8: who may do what, to what."""

import jwt
import pytest

from app.models.accounts import User
from app.services.accounts import PERMISSIONS, administration
from app.services.accounts.administration import RoleChanges
from app.utils.clock import utc_now
from tests.asvs.reading import ROOT, document
from tests.factories import authority, log_in, make_product, make_store, make_user
from tests.purchases import make_goods, place


def bearer(user, settings):
    return {"Authorization": f"Bearer {log_in(user, settings).access_token}"}


def test_v8_1_1_functions_and_objects_have_written_rules():
    assert "common/permissions.json" in document("security.md") and PERMISSIONS
    assert "What is another's is not there (404)" in document("architecture.md")
    assert (ROOT / "tests/net/access_table.toml").stat().st_size > 10_000


def test_v8_1_2_fields_have_written_rules():
    page = document("security.md")
    assert "a body lists what it takes and everything else is refused" in page
    assert "Flags and roles are written by /api/admin only" in page


@pytest.mark.parametrize("door", ["GET /api/admin/users", "GET /api/admin/logs", "GET /api/admin/orders"])
def test_v8_2_1_a_function_needs_its_permission(client, settings, door):
    method, path = door.split()
    assert client.open(path, method=method).status_code == 401
    headers = bearer(make_user(settings, is_seller=True), settings)
    answer = client.open(path, method=method, headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")


def test_v8_2_2_anothers_order_is_not_there(client, settings):
    placed = place(make_goods().wanted(), user_id=make_user(settings).id)
    headers = bearer(make_user(settings), settings)
    for door in (f"/api/orders/{placed.order.id}", f"/api/payment/status/{placed.payment.id}"):
        assert client.get(door, headers=headers).status_code == 404


@pytest.mark.parametrize("field", ["is_admin", "is_superuser", "status", "email_confirmed_at", "password_hash", "id"])
def test_v8_2_3_nobody_writes_a_field_that_is_not_theirs_to_write(app, client, settings, field):
    headers = bearer(make_user(settings, is_teacher=True), settings)
    doors = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("user.") and "PATCH" in rule.methods and "<" not in rule.rule
    }
    assert {"/api/user/profile", "/api/user/student-profile", "/api/user/staff-profile"} <= doors
    for door in doors:
        answer = client.patch(door, json={field: "true"}, headers=headers)
        assert (door, answer.status_code, list(answer.json["error"]["fields"])) == (door, 422, [field])


def test_v8_3_1_a_token_says_nothing_about_rights(account):
    claims = jwt.decode(account.log_in().access_token, options={"verify_signature": False})
    assert set(claims) == {"typ", "sub", "sid", "jti", "iat", "exp"}


def test_v8_3_2_a_right_that_was_taken_is_gone_at_once(client, settings):
    staff, chief = make_user(settings, is_admin=True), make_user(settings, is_superuser=True, is_admin=True)
    headers = bearer(staff, settings)
    assert client.get("/api/admin/orders", headers=headers).status_code == 200
    administration.change_roles(staff.id, RoleChanges(flags={"is_admin": False}), authority(chief), now=utc_now())
    assert not User.find(staff.id).is_admin
    assert client.get("/api/admin/orders", headers=headers).status_code in (401, 403)


def test_v8_4_1_the_owner_of_one_store_reaches_no_other(client, settings):
    owner = make_user(settings, is_seller=True)
    own = make_product(store=make_store(owner.id))
    other = make_product(store=make_store(make_user(settings, is_seller=True).id))
    headers, body = bearer(owner, settings), {"title": "Mine now", "price": "1.00"}
    assert client.put(f"/api/store/products/{own.id}", json=body, headers=headers).status_code == 200
    for method in ("PUT", "DELETE"):
        sent = {"json": body} if method == "PUT" else {}
        answer = client.open(f"/api/store/products/{other.id}", method=method, headers=headers, **sent)
        assert answer.status_code == 404
