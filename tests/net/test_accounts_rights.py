"""Roles, members, staff and acting over HTTP (spec: accounts, 5; admin, 1; api, 2)."""

import io
import re
from datetime import timedelta

import pytest

from app.models import AdminLog, Role, RoleGrant, User
from app.models.accounts import SecondFactor
from app.plugins import mail
from app.plugins.cassandra_cqlengine import store
from app.plugins.mail.tables import SHARDS, OutgoingMail
from app.services import accounts as account_service
from app.services.accounts import TENANT_KINDS, roles
from app.services.orders.goods import WantedLine
from app.services.orders.placing import Purchase, place_order
from app.services.payments.checkout import CheckoutTerms
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.factories import (
    PASSWORD,
    give_role,
    log_in,
    make_course,
    make_platform_role,
    make_product,
    make_role,
    make_school,
    make_store,
    make_user,
)

ITEM, SALE, IMPORT = "catalog.item.write", "orders.sale.read", "catalog.import"
PRODUCT = {"title": "Lamp", "price": "10.00"}


@pytest.fixture
def person(settings):
    """Call it for a user with a way to call as them: `.call(method, path, **sent)`."""
    return lambda **flags: Caller(make_user(settings, **flags), settings)


class Caller:
    """Somebody who calls the API by bearer token, with a fresh login whenever the last one has ended."""

    def __init__(self, user, settings):
        self.user, self.settings, self.app = user, settings, None
        self.token = ""

    def log_in(self):
        self.token = log_in(self.user, self.settings).access_token
        return self

    @property
    def id(self):
        return self.user.id

    @property
    def headers(self):
        return {"Authorization": f"Bearer {self.token or self.log_in().token}"}


@pytest.fixture
def call(app):
    """Call it as somebody: (caller, "GET /path", json) → the answer."""

    def ask(caller, door, json=None, **sent):
        method, path = door.split(" ")
        headers = {**(caller.headers if caller else {}), **sent.pop("headers", {})}
        return app.test_client().open(path, method=method, json=json, headers=headers, **sent)

    return ask


def code_of(answer):
    return answer.status_code, answer.get_json()["error"]["code"]


def page_of(answer):
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()["data"]


@pytest.fixture
def owned(person):
    """A store and its owner."""
    owner = person(is_seller=True)
    return make_store(owner.id), owner


def member_of(tenant, person, *codes):
    """Somebody with a role of these codes on the tenant, logged in after it."""
    member = person()
    give_role(make_role(tenant, *codes), member.user)
    return member.log_in()


# staff with a custom role work at the store, and nowhere else


def test_a_member_manages_the_items_of_exactly_their_store(call, person, owned):
    shop, _ = owned
    member, elsewhere = member_of(shop, person, ITEM), make_product("Elsewhere")
    made = call(member, "POST /api/store/products", PRODUCT)
    assert made.status_code == 201
    item_id = made.get_json()["data"]["id"]
    changed = call(member, f"PUT /api/store/products/{item_id}", PRODUCT | {"title": "Better lamp"})
    assert changed.get_json()["data"]["title"] == "Better lamp"
    for door in (f"PUT /api/store/products/{elsewhere.id}", f"DELETE /api/store/products/{elsewhere.id}"):
        assert code_of(call(member, door, PRODUCT if "PUT" in door else None)) == (404, "not_found")
    elsewhere_store = {**PRODUCT, "store_id": elsewhere.seller_id}
    assert code_of(call(member, "POST /api/store/products", elsewhere_store)) == (404, "not_found")
    assert call(member, f"GET /api/products/{item_id}").status_code == 200
    assert call(None, f"GET /api/products/{item_id}").status_code == 404
    assert call(member, f"DELETE /api/store/products/{item_id}").status_code == 204
    course = make_course()
    assert code_of(call(member, f"DELETE /api/school/courses/{course.id}")) == (404, "not_found")


def test_a_role_opens_nothing_but_its_permission(call, person, owned):
    shop, _ = owned
    item = make_product("Lamp", store=shop)
    clerk = member_of(shop, person, SALE)
    assert call(clerk, f"GET /api/seller/orders?seller_id={shop.id}").status_code == 200
    for door in (f"PUT /api/store/products/{item.id}", "GET /api/store/products", "GET /api/seller/imports"):
        assert code_of(call(clerk, door, PRODUCT if "PUT" in door else None)) == (403, "forbidden")
    give_role(make_role(make_store(), ITEM), clerk.user)
    clerk.log_in()
    assert code_of(call(clerk, f"PUT /api/store/products/{item.id}", PRODUCT)) == (403, "forbidden")


def test_lists_show_what_is_of_the_members_tenants(call, person, owned, refresh_index):
    shop, _ = owned
    own, _other = make_product("Mine to see", store=shop), make_product("Not mine to see")
    order = make_order_of(own)
    member = member_of(shop, person, ITEM, SALE)
    refresh_index()
    assert [item["id"] for item in page_of(call(member, "GET /api/store/products"))] == [own.id]
    assert page_of(call(member, "GET /api/school/courses")) == []
    assert [sale["id"] for sale in page_of(call(member, "GET /api/seller/orders"))] == [order.id]
    assert code_of(call(member, f"GET /api/seller/orders?seller_id={make_store().id}")) == (404, "not_found")


def make_order_of(item):
    wanted = (WantedLine("product", item.id, 1),)
    purchase = Purchase(user_id=new_id(), email="buyer@example.com", provider="sandbox", wanted=wanted)
    return place_order(purchase, CheckoutTerms("http://localhost", 30, "USD"), now=utc_now()).order


def test_imports_go_by_the_role(call, person, owned):
    shop, _ = owned
    member, other = member_of(shop, person, IMPORT), member_of(make_store(), person, IMPORT)

    def send(seller_id):
        file = (io.BytesIO(b"sku,name,price\nA,Lamp,1.00\n" + new_id().encode() + b",Chair,2.00\n"), "lamps.csv")
        form = {"kind": "product", "seller_id": seller_id, "file": file}
        return call(member, "POST /api/seller/imports", data=form, content_type="multipart/form-data")

    sent = send(shop.id)
    assert sent.status_code == 202, sent.get_data(as_text=True)
    run_id = sent.get_json()["data"]["id"]
    assert code_of(send(make_store().id)) == (404, "not_found")
    assert call(member, f"GET /api/seller/imports/{run_id}").status_code == 200
    assert code_of(call(other, f"GET /api/seller/imports/{run_id}")) == (404, "not_found")


# reads of one request


@pytest.fixture
def reads():
    """Call it: how many statements were sent to Cassandra since the last call."""
    count = 0

    def note(_request):
        nonlocal count
        count += 1

    store().session.add_request_init_listener(note)

    def since():
        nonlocal count
        counted, count = count, 0
        return counted

    yield since
    store().session.remove_request_init_listener(note)


def test_rights_cost_people_without_roles_no_read(call, person, owned, reads):
    plain = person()
    assert call(plain, "GET /api/auth/permissions").status_code == 200
    reads()
    assert call(plain, "GET /api/auth/permissions").status_code == 200
    assert reads() == 2
    seller = person(is_seller=True, is_admin=True)
    assert call(seller, "GET /api/auth/permissions").status_code == 200
    reads()
    assert call(seller, "GET /api/auth/permissions").status_code == 200
    assert reads() == 2
    member = member_of(owned[0], person, SALE)
    assert call(member, "GET /api/auth/permissions").status_code == 200
    reads()
    assert call(member, "GET /api/auth/permissions").status_code == 200
    assert reads() == 4  # the role and its grant, side by side


# roles and members of a store


def test_an_owner_makes_roles_and_invites_who_accepts(call, person, owned, settings):
    shop, owner = owned
    base = f"/api/seller/store/{shop.id}"
    made = call(owner, f"POST {base}/roles", {"name": "Order desk", "permissions": [SALE]})
    assert made.status_code == 201
    role = made.get_json()["data"]
    assert made.headers["Location"] == f"{base}/roles/{role['id']}"
    assert call(owner, f"GET {made.headers['Location']}").get_json()["data"] == role
    assert [entry["id"] for entry in page_of(call(owner, f"GET {base}/roles"))] == [role["id"]]

    guest = person()
    answers = [
        call(owner, f"POST {base}/members", {"who": who, "role_id": role["id"]})
        for who in (guest.user.email, f"nobody-{new_id()}@example.com")
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].get_json() == answers[1].get_json()
    assert page_of(call(owner, f"GET {base}/members")) == []

    token = token_in_mail(guest.user.email)
    assert code_of(call(person(), "POST /api/auth/role-invitations/accept", {"token": token})) == (422, "token_invalid")
    assert call(guest, "POST /api/auth/role-invitations/accept", {"token": token}).status_code == 204
    assert code_of(call(guest, "GET /api/auth/me")) == (401, "session_ended")
    guest.log_in()
    me = call(guest, "GET /api/auth/me").get_json()["data"]
    assert me["tenants"] == [{"kind": "store", "id": shop.id, "permissions": [SALE]}]
    assert SALE not in me["permissions"]
    (member,) = page_of(call(owner, f"GET {base}/members"))
    assert (member["user_id"], [held["name"] for held in member["roles"]]) == (guest.id, ["Order desk"])

    assert call(owner, f"DELETE {base}/members/{guest.id}").status_code == 204
    assert code_of(call(guest, "GET /api/auth/me")) == (401, "session_ended")
    guest.log_in()
    assert call(guest, "GET /api/auth/me").get_json()["data"]["tenants"] == []
    assert code_of(call(owner, f"DELETE {base}/members/{guest.id}")) == (404, "not_found")


def token_in_mail(address):
    """The token of the one mail that waits for this address."""
    waiting = [row for shard in range(SHARDS) for row in OutgoingMail.objects(shard=shard).limit(None)]
    texts = [mail.opened(row).text for row in waiting if row.recipient == address]
    (text,) = [text for text in texts if "role-invitation" in text]
    return re.search(r"role-invitation#token=([\w-]+)", text)[1]


def test_a_role_is_changed_as_it_was_seen_and_removed_when_free(call, person, owned):
    shop, owner = owned
    member, base = person(), f"/api/seller/store/{shop.id}/roles"
    role = call(owner, f"POST {base}", {"name": "Desk", "permissions": [SALE]}).get_json()["data"]
    door = f"{base}/{role['id']}"
    body = {"name": "Desk", "permissions": [SALE, ITEM]}
    stale = {"If-Match": "2020-01-01T00:00:00Z"}
    assert code_of(call(owner, f"PUT {door}", body, headers=stale)) == (409, "stale")
    assert code_of(call(owner, f"DELETE {door}", headers=stale)) == (409, "stale")
    changed = call(owner, f"PUT {door}", body, headers={"If-Match": role["updated_at"]})
    assert changed.get_json()["data"]["permissions"] == [ITEM, SALE]
    give_role(Role.find("store", shop.id, role["id"]), member.user)
    assert code_of(call(owner, f"DELETE {door}")) == (409, "role_in_use")
    assert call(owner, f"DELETE {door}?revoke=true").status_code == 204
    assert RoleGrant.find("store", shop.id, member.id, role["id"]) is None
    assert code_of(call(owner, f"GET {door}")) == (404, "not_found")
    wrong = call(owner, f"POST {base}", {"name": " ", "permissions": ["users.user.manage"]})
    assert code_of(wrong) == (422, "invalid")
    wrong = call(owner, f"POST {base}", {"name": "Fine", "permissions": ["users.user.manage"]})
    assert set(wrong.get_json()["error"]["fields"]) == {"permissions"}


@pytest.mark.parametrize("kind", ["school", "store"])
def test_another_tenants_roles_are_not_there(call, person, kind):
    owner, stranger = person(is_seller=True), person(is_seller=True, is_teacher=True)
    tenant = make_school(owner.id) if kind == "school" else make_store(owner.id)
    role = make_role(tenant, SALE)
    body = {"name": "x", "permissions": [SALE]}
    for door, sent in (
        (f"GET /api/seller/{kind}/{tenant.id}/roles", None),
        (f"POST /api/seller/{kind}/{tenant.id}/roles", body),
        (f"PUT /api/seller/{kind}/{tenant.id}/roles/{role.id}", body),
        (f"DELETE /api/seller/{kind}/{tenant.id}/roles/{role.id}", None),
        (f"GET /api/seller/{kind}/{tenant.id}/members", None),
        (f"POST /api/seller/{kind}/{tenant.id}/members", {"who": "x", "role_id": role.id}),
        (f"GET /api/seller/{kind}/{new_id()}/roles", None),
        (f"GET /api/seller/user/{tenant.id}/roles", None),
    ):
        assert code_of(call(stranger, door, sent)) == (404, "not_found"), door
        assert call(None, door, sent).status_code == 401, door
    for other_kind in set(TENANT_KINDS) - {kind}:
        assert code_of(call(owner, f"GET /api/seller/{other_kind}/{tenant.id}/roles")) == (404, "not_found")


def test_the_permissions_are_described(call, person):
    listed = page_of(call(person(), "GET /api/auth/permissions"))
    by_code = {entry["code"]: entry for entry in listed}
    assert by_code[SALE] == {
        "code": SALE,
        "scope": "tenant",
        "description": "Read the sales of an own school or store",
    }
    assert by_code["users.user.act_as"]["scope"] == "platform"


# staff over people


@pytest.fixture
def admin(person):
    return person(is_admin=True)


def test_staff_find_and_read_people_without_secrets(call, person, admin, refresh_index):
    user = person()
    user.user.update(first_name="Xaver", last_name=f"Q{new_id()}")
    refresh_index()
    answer = call(admin, f"GET /api/admin/users?q={user.user.last_name}&status=active&sort=-created_at")
    assert [entry["id"] for entry in page_of(answer)] == [user.id]
    one = call(admin, f"GET /api/admin/users/{user.id}").get_json()["data"]
    assert (one["first_name"], one["open_sessions"], one["last_orders"], one["roles"]) == ("Xaver", 0, [], [])
    for text in (answer.get_data(as_text=True), str(one)):
        assert "argon2" not in text and "hash" not in text and "token" not in text
    assert code_of(call(admin, f"GET /api/admin/users/{new_id()}")) == (404, "not_found")


def test_lists_of_people_page_by_cursor_and_by_number(call, person, admin, refresh_index):
    surname = f"Q{new_id()}"
    people = [person() for _ in range(5)]
    for caller in people:
        caller.user.update(last_name=surname)
    refresh_index()
    path = f"GET /api/admin/users?q={surname}&sort=created_at&size=2"
    seen, after = [], ""
    while after is not None:
        answer = call(admin, f"{path}{after and '&after=' + after}").get_json()
        assert answer["page"]["total"] == 5
        seen += [entry["id"] for entry in answer["data"]]
        after = answer["page"]["next"]
    by_number = [entry["id"] for page in (1, 2, 3) for entry in page_of(call(admin, f"{path}&page={page}"))]
    assert seen == by_number and set(seen) == {caller.id for caller in people}
    assert page_of(call(admin, f"{path}&page=4")) == []
    assert call(admin, "GET /api/admin/users?size=100&page=100").status_code == 200
    assert code_of(call(admin, "GET /api/admin/users?size=100&page=101")) == (422, "page_too_deep")
    assert code_of(call(admin, "GET /api/admin/users?sort=password_hash")) == (422, "invalid")
    assert code_of(call(admin, "GET /api/admin/users?from=2026-02-02&to=2026-02-01")) == (422, "invalid")


def test_a_ban_is_felt_at_once_and_undone(call, person, admin):
    user = person().log_in()
    assert call(user, "GET /api/auth/me").status_code == 200
    door = f"PATCH /api/admin/users/{user.id}/status"
    seen = call(admin, f"GET /api/admin/users/{user.id}").get_json()["data"]["updated_at"]
    stale = {"If-Match": "2020-01-01T00:00:00Z"}
    assert code_of(call(admin, door, {"status": "banned", "reason": "spam"}, headers=stale)) == (409, "stale")
    assert code_of(call(admin, door, {"status": "banned"})) == (422, "invalid")
    assert code_of(call(admin, door, {"status": "gone", "reason": "spam"})) == (422, "invalid")
    banned = call(admin, door, {"status": "banned", "reason": "spam"}, headers={"If-Match": seen})
    assert banned.get_json()["data"]["status"] == "banned"
    assert code_of(call(user, "GET /api/auth/me")) == (403, "user_inactive")
    assert call(admin, door, {"status": "active", "reason": "appeal"}).status_code == 200
    assert code_of(call(user, "GET /api/auth/me")) == (401, "session_ended")
    own = f"PATCH /api/admin/users/{admin.id}/status"
    assert code_of(call(admin, own, {"status": "inactive", "reason": "tired"})) == (409, "own_account")


def test_roles_and_flags_are_given_by_who_has_them(call, person, admin):
    user, role = person().log_in(), make_platform_role("users.log.read")
    door = f"POST /api/admin/users/{user.id}/roles"
    assert code_of(call(user, "GET /api/admin/logs")) == (403, "forbidden")
    changed = call(admin, door, {"add": [role.id], "flags": {"is_seller": True}})
    assert changed.get_json()["data"]["is_seller"] is True
    assert code_of(call(user, "GET /api/admin/logs")) == (401, "session_ended")
    user.log_in()
    assert call(user, "GET /api/admin/logs").status_code == 200
    assert code_of(call(user, "GET /api/admin/users")) == (403, "forbidden")
    assert code_of(call(admin, door, {"flags": {"is_superuser": True}})) == (403, "forbidden")
    assert code_of(call(admin, door, {"flags": {"is_root": True}})) == (422, "invalid")
    assert code_of(call(admin, door, {"add": [new_id()]})) == (404, "not_found")
    assert code_of(call(admin, door, {"add": ["admin"]})) == (409, "role_built_in")
    assert call(admin, door, {"remove": [role.id]}).status_code == 200
    shown = call(admin, f"GET /api/admin/users/{user.id}").get_json()["data"]
    assert (shown["roles"], shown["is_seller"]) == ([], True)


def test_platform_roles_are_kept_and_built_in_ones_stay(call, admin):
    listed = page_of(call(admin, "GET /api/admin/roles"))
    built_in = ["student", "teacher", "seller", "admin", "superuser"]
    assert [role["id"] for role in listed if role["is_built_in"]] == built_in
    made = call(admin, "POST /api/admin/roles", {"name": "Auditor", "permissions": ["users.log.read"]})
    role = made.get_json()["data"]
    assert call(admin, f"GET {made.headers['Location']}").get_json()["data"] == role
    body = {"name": "Auditor", "permissions": ["users.log.read", "users.user.read"]}
    assert call(admin, f"PUT /api/admin/roles/{role['id']}", body).status_code == 200
    too_much = {"name": "Root", "permissions": ["system.settings.write"]}
    assert code_of(call(admin, "POST /api/admin/roles", too_much)) == (403, "forbidden")
    for door, sent in (("PUT /api/admin/roles/admin", body), ("DELETE /api/admin/roles/admin", None)):
        assert code_of(call(admin, door, sent)) == (409, "role_built_in")
    assert call(admin, f"DELETE /api/admin/roles/{role['id']}").status_code == 204


def test_all_logins_of_a_user_are_ended(call, person, admin):
    user = person().log_in()
    answer = call(admin, f"DELETE /api/admin/users/{user.id}/sessions")
    assert answer.get_json()["data"] == {"ended": 1}
    assert code_of(call(user, "GET /api/auth/me")) == (401, "session_ended")


# the log


def test_the_log_is_searched_and_has_no_way_to_be_changed(app, call, person, admin, refresh_index):
    user = person()
    call(admin, f"PATCH /api/admin/users/{user.id}/status", {"status": "banned", "reason": "spam"})
    refresh_index()
    path = f"/api/admin/logs?actor={admin.id}&kind=user&id={user.id}&action=users.user.ban"
    (entry,) = page_of(call(admin, f"GET {path}"))
    assert (entry["before"], entry["after"], entry["reason"]) == ({"status": "active"}, {"status": "banned"}, "spam")
    assert entry["request_id"] and entry["address"] == "127.0.0.1" and entry["acting_as"] == ""
    assert call(admin, f"GET /api/admin/logs/{entry['id']}").get_json()["data"] == entry
    today = utc_now().date().isoformat()
    assert page_of(call(admin, f"GET {path}&from={today}&to={today}")) == [entry]
    assert page_of(call(admin, f"GET {path}&to=2020-01-01")) == []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/admin/logs"):
            assert rule.methods == {"GET", "HEAD", "OPTIONS"}
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/api/admin/logs", f"/api/admin/logs/{entry['id']}"):
            assert code_of(call(admin, f"{method} {path}", {})) == (405, "method_not_allowed")
    assert AdminLog.find(entry["id"]).reason == "spam"


# a lost second factor


def test_staff_reset_a_lost_second_factor_after_a_proof_of_their_own(call, person, admin):
    user = person().log_in()
    SecondFactor.create_if_absent(
        user_id=user.id, totp_sealed="x", totp_enrolled_at=utc_now(), totp_confirmed_at=utc_now()
    )
    User.find(user.id).update(email_confirmed_at=utc_now())
    door, why = f"POST /api/admin/users/{user.id}/second-factor-reset", {"reason": "showed a passport"}
    assert code_of(call(admin, door, {"reason": "why"})) == (422, "invalid")
    for session in account_service.list_sessions(admin.id, now=utc_now()):
        session.update_if_unchanged(proved_at=utc_now() - timedelta(hours=1))
    assert code_of(call(admin, door, why)) == (403, "proof_required")
    assert call(admin, "POST /api/auth/prove", {"password": PASSWORD}).status_code == 204
    answer = call(admin, door, why)
    assert (answer.status_code, answer.get_json()["data"]) == (200, {"authenticator_app": True, "passkeys": 0})
    assert code_of(call(user, "GET /api/auth/me")) == (401, "session_ended")
    assert code_of(call(admin, door, why)) == (409, "no_second_factor")


# acting


def test_staff_act_as_a_user_and_everything_is_in_the_log(app, call, person, admin, refresh_index):
    user = person()
    door = f"POST /api/admin/users/{user.id}/act-as"
    assert code_of(call(admin, door, {"reason": "why"})) == (422, "invalid")
    begun = call(admin, door, {"reason": "cannot check out"})
    assert begun.status_code == 201 and begun.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in begun.headers
    headers = {"Authorization": f"Bearer {begun.get_json()['data']['access_token']}"}

    def as_user(door, json=None):
        return call(None, door, json, headers=headers)

    me = as_user("GET /api/auth/me").get_json()["data"]
    assert (me["id"], me["acting"]["by"]) == (user.id, admin.id)
    assert call(user, "GET /api/auth/me").get_json()["data"]["acting"] is None
    kinds = {entry["kind"]: entry for entry in page_of(call(user, "GET /api/auth/sessions"))}
    assert kinds["support"]["address"] == "" and not kinds["support"]["is_current"]
    assert as_user("PATCH /api/user/profile", {"city": "Berlin"}).status_code == 200
    for refused, sent in (
        ("POST /api/orders", {}),
        ("POST /api/auth/prove", {"password": "correct horse battery"}),
        ("DELETE /api/auth/sessions", None),
        (f"DELETE /api/auth/sessions/{new_id()}", None),
        ("POST /api/auth/role-invitations/accept", {"token": "x"}),
        ("PATCH /api/user/profile", {"phone": "+14155552671"}),
        ("PATCH /api/user/profile", {"mail_promo": False}),
    ):
        assert code_of(as_user(refused, sent)) == (403, "acting_refused"), refused
    assert code_of(as_user("GET /api/admin/users")) == (403, "forbidden")
    assert as_user("POST /api/auth/act-as/end").status_code == 204
    assert code_of(as_user("GET /api/auth/me")) == (401, "session_ended")
    assert code_of(call(admin, "POST /api/auth/act-as/end")) == (404, "not_found")
    refresh_index()
    listed = page_of(call(admin, f"GET /api/admin/logs?id={user.id}"))
    assert {entry["actor_id"] for entry in listed} == {admin.id}
    told = [(entry["action"], entry["after"].get("path"), entry["acting_as"]) for entry in reversed(listed)]
    assert told == [
        ("users.acting.begin", None, ""),
        ("users.acting.write", "/api/user/profile", user.id),
        ("users.acting.write", "/api/user/profile", user.id),
        ("users.acting.write", "/api/user/profile", user.id),
        ("users.acting.write", "/api/auth/act-as/end", user.id),
        ("users.acting.end", None, user.id),
    ]


def test_a_browser_gets_the_cookie_and_loses_it_at_the_end(app, call, person, admin):
    user = person()
    begun = call(admin, f"POST /api/admin/users/{user.id}/act-as", {"reason": "cannot log in", "client": "browser"})
    cookie = begun.headers["Set-Cookie"]
    assert cookie.startswith("login_session=") and "HttpOnly" in cookie and "Max-Age=1800" in cookie
    client = app.test_client()
    client.set_cookie("login_session", re.match(r"login_session=([^;]+)", cookie)[1])
    token = client.get("/api/auth/csrf").get_json()["data"]["csrf_token"]
    ended = client.post("/api/auth/act-as/end", headers={"X-CSRF-Token": token})
    assert ended.status_code == 204 and "Max-Age=0" in ended.headers["Set-Cookie"]


def test_acting_needs_the_right_and_a_fresh_proof(call, person, admin, settings):
    user = person()
    door, body = f"POST /api/admin/users/{user.id}/act-as", {"reason": "cannot check out"}
    assert code_of(call(person(), door, body)) == (403, "forbidden")
    signed_in = log_in(admin.user, settings)
    signed_in.session.update_if_unchanged(proved_at=None)
    admin.token = signed_in.access_token
    assert code_of(call(admin, door, body)) == (403, "proof_required")
    assert code_of(call(admin.log_in(), f"POST /api/admin/users/{person(is_admin=True).id}/act-as", body)) == (
        403,
        "forbidden",
    )


def test_an_acting_owner_makes_no_roles(call, owned, admin):
    shop, owner = owned
    begun = call(admin, f"POST /api/admin/users/{owner.id}/act-as", {"reason": "shows the shop"})
    headers = {"Authorization": f"Bearer {begun.get_json()['data']['access_token']}"}
    base = f"/api/seller/store/{shop.id}"
    assert call(None, f"GET {base}/roles", headers=headers).status_code == 200
    role = make_role(shop, SALE)
    for door, sent in (
        (f"POST {base}/roles", {"name": "x", "permissions": [SALE]}),
        (f"POST {base}/members", {"who": "x@example.com", "role_id": role.id}),
        (f"DELETE {base}/roles/{role.id}", None),
    ):
        assert code_of(call(None, door, sent, headers=headers)) == (403, "acting_refused")
    assert [role.name for role in roles.list_roles(shop)] == ["Helper"]
