"""Accounts over HTTP: cookie and bearer, the wire's shapes, and what must never be on it."""

import pytest
from flask import g

from app.net.middlewares.access import COOKIE
from app.utils.ids import new_id

PASSWORD = "correct horse battery"
SECRET_NAMES = ("password", "hash", "tax_doc", "write_token")


@pytest.fixture
def name() -> str:
    return f"cleo-{new_id()}".lower()


@pytest.fixture
def joined(client, name):
    """A registered person whose browser is logged in; returns the answer's data."""
    answer = client.post("/api/auth/register", json={"email": f"{name}@example.com", "password": PASSWORD})
    assert answer.status_code == 201
    return answer.json["data"]


@pytest.fixture
def csrf(client, joined):
    return {"X-CSRF-Token": client.get("/api/auth/csrf").json["data"]["csrf_token"]}


def bearer(data) -> dict[str, str]:
    return {"Authorization": f"Bearer {data['access_token']}"}


def log_in(client, name, password=PASSWORD, /, **more):
    return client.post("/api/auth/login", json={"email": f"{name}@example.com", "password": password, **more})


def test_registering_makes_a_user_and_logs_in(client, name):
    body = {"email": f"{name}@Example.com", "password": PASSWORD, "first_name": " Cleo "}
    answer = client.post("/api/auth/register", json=body)
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/api/auth/me"
    assert answer.headers["Cache-Control"] == "no-store"
    data = answer.json["data"]
    assert data["user"]["email"] == f"{name}@example.com"
    assert data["user"]["first_name"] == "Cleo"
    assert (data["token_type"], data["expires_in"], data["refresh_expires_in"]) == ("Bearer", 3600, 2592000)
    assert client.get("/api/auth/me").json["data"]["id"] == data["user"]["id"]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client, joined, name):
    cookie = next(
        text for text in log_in(client.application.test_client(), name).headers.getlist("Set-Cookie") if COOKIE in text
    )
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"} <= set(cookie.split("; "))


def test_a_mobile_client_gets_no_cookie(app, joined, name):
    answer = log_in(app.test_client(), name, client="mobile")
    assert answer.status_code == 200
    assert COOKIE not in str(answer.headers.getlist("Set-Cookie"))


def test_me_shows_no_secret(client, joined):
    answer = client.get("/api/auth/me")
    assert answer.status_code == 200
    assert not [key for key in answer.json["data"] if any(word in key for word in (*SECRET_NAMES, "token"))]
    assert joined["refresh_token"] not in answer.text


def test_a_taken_name_is_a_conflict(client, joined, name):
    body = {"email": f"{name}@example.com", "password": PASSWORD}
    answer = client.application.test_client().post("/api/auth/register", json=body)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "username_taken")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"email", "password"}),
        ({"email": "", "password": PASSWORD}, {"email"}),
        ({"email": "no email", "password": PASSWORD}, {"email"}),
        ({"email": "a@example.com", "password": "short"}, {"password"}),
        ({"email": "a@example.com", "password": "a@example.com"}, {"password"}),
        ({"email": "a@example.com", "password": PASSWORD, "is_admin": True}, {"is_admin"}),
        ({"email": "a@example.com", "password": 12345678}, {"password"}),
        ({"email": 1, "password": PASSWORD, "username": "x"}, {"email", "username"}),
        ({"email": "a@example.com", "password": PASSWORD, "client": "fridge"}, {"client"}),
    ],
)
def test_field_errors_are_named_all_at_once(client, body, fields):
    answer = client.post("/api/auth/register", json=body)
    assert answer.status_code == 422
    assert set(answer.json["error"]["fields"]) == fields
    assert PASSWORD not in answer.text


def test_an_unreadable_body_is_malformed(client):
    answer = client.post("/api/auth/login", data="{", content_type="application/json")
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_request")


def test_a_password_is_taken_with_its_spaces(app, name):
    body = {"email": f"{name}@example.com", "password": f"  {PASSWORD}  "}
    assert app.test_client().post("/api/auth/register", json=body).status_code == 201
    assert log_in(app.test_client(), name).status_code == 401
    assert log_in(app.test_client(), name, f"  {PASSWORD}  ").status_code == 200


@pytest.mark.parametrize("body", [{"password": "x"}, {"email": "a@b.c", "username": "a", "password": "x"}])
def test_a_login_names_its_user_once(client, body):
    assert client.post("/api/auth/login", json=body).status_code == 422


def test_wrong_logins_get_one_answer_and_then_a_wait(app, joined, name):
    client = app.test_client()
    wrong = [log_in(client, name, "wrong") for _ in range(10)]
    unknown = log_in(client, f"nobody-{new_id()}", "wrong")
    for answer in (*wrong, unknown):
        assert answer.status_code == 401
        error = {key: value for key, value in answer.json["error"].items() if key != "request_id"}
        assert error == {"code": "bad_credentials", "message": "Wrong name or password."}
    answer = log_in(client, name)
    assert (answer.status_code, answer.json["error"]["code"]) == (429, "too_many_attempts")
    assert 890 <= int(answer.headers["Retry-After"]) <= 900


def test_a_new_login_replaces_the_browsers_old_session(client, joined, csrf, name):
    old = client.get_cookie(COOKIE).value
    body = {"username": f"{name}@example.com", "password": PASSWORD}
    assert client.post("/api/auth/login", json=body, headers=csrf).status_code == 200
    stranger = client.application.test_client()
    stranger.set_cookie(COOKIE, old)
    assert stranger.get("/api/auth/me").status_code == 401
    assert client.get("/api/auth/me").status_code == 200


def test_cookie_writes_need_the_csrf_token_and_bearer_writes_do_not(client, joined, csrf):
    refused = client.post("/api/auth/logout")
    assert (refused.status_code, refused.json["error"]["code"]) == (403, "csrf_failed")
    assert client.patch("/api/user/profile", json={"city": "Ulm"}, headers=bearer(joined)).status_code == 200
    assert client.patch("/api/user/profile", json={"city": "Bonn"}, headers=csrf).json["data"]["city"] == "Bonn"


def test_a_bad_bearer_does_not_fall_back_to_the_cookie(client, joined):
    assert client.get("/api/auth/me", headers={"Authorization": "Bearer nonsense"}).status_code == 401


def test_logout_ends_cookie_and_tokens_at_once(client, joined, csrf):
    assert client.post("/api/auth/logout", headers=csrf).status_code == 204
    assert client.get_cookie(COOKIE) is None
    answer = client.application.test_client().get("/api/auth/me", headers=bearer(joined))
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "session_ended")


def test_a_reused_refresh_token_ends_the_login(app, joined):
    client = app.test_client()
    first = client.post("/api/auth/refresh", json={"refresh_token": joined["refresh_token"]})
    assert first.status_code == 200
    again = client.post("/api/auth/refresh", json={"refresh_token": joined["refresh_token"]})
    assert (again.status_code, again.json["error"]["code"]) == (401, "session_ended")
    assert client.get("/api/auth/me", headers=bearer(first.json["data"])).status_code == 401


def test_sessions_are_listed_and_revoked(app, client, joined, csrf, name):
    phone = log_in(app.test_client(), name, client="mobile", device_name="Cleo's phone").json["data"]
    page = client.get("/api/auth/sessions").json
    assert page["page"] == {"size": 2, "total": 2, "next": None}
    by_id = {session["id"]: session for session in page["data"]}
    assert by_id[phone["session_id"]]["device_name"] == "Cleo's phone"
    assert [row["is_current"] for row in page["data"] if row["id"] == joined["session_id"]] == [True]
    assert not [key for session in page["data"] for key in session if "hash" in key or "token" in key]
    assert client.delete(f"/api/auth/sessions/{phone['session_id']}", headers=csrf).status_code == 204
    assert app.test_client().get("/api/auth/me", headers=bearer(phone)).status_code == 401
    assert client.get("/api/auth/me").status_code == 200


def test_another_users_session_cannot_be_ended(app, client, joined, csrf):
    body = {"email": f"eve-{new_id()}@example.com", "password": PASSWORD, "client": "mobile"}
    other = app.test_client().post("/api/auth/register", json=body).json["data"]
    answer = client.delete(f"/api/auth/sessions/{other['session_id']}", headers=csrf)
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")
    assert app.test_client().get("/api/auth/me", headers=bearer(other)).status_code == 200


def test_ending_all_other_sessions_keeps_this_one(app, client, joined, csrf, name):
    phone = log_in(app.test_client(), name, client="mobile").json["data"]
    assert client.delete("/api/auth/sessions", headers=csrf).status_code == 204
    assert client.get("/api/auth/me").status_code == 200
    assert app.test_client().get("/api/auth/me", headers=bearer(phone)).status_code == 401


# profile


def test_patch_changes_what_is_given_and_put_writes_all(client, joined, csrf):
    assert client.patch("/api/user/profile", json={"city": "Ulm", "country": "DE"}, headers=csrf).status_code == 200
    changed = client.patch("/api/user/profile", json={"first_name": "Cleo"}, headers=csrf).json["data"]
    assert (changed["first_name"], changed["city"], changed["country"]) == ("Cleo", "Ulm", "DE")
    body = {"first_name": "Cleo", "last_name": "Day", "country": "FR"}
    replaced = client.put("/api/user/profile", json=body, headers=csrf).json["data"]
    assert (replaced["last_name"], replaced["city"], replaced["country"]) == ("Day", "", "FR")
    assert client.get("/api/user/profile").json["data"] == replaced


def test_a_profile_read_before_a_change_is_stale(client, joined, csrf):
    answer = client.patch(
        "/api/user/profile", json={"city": "Ulm"}, headers={**csrf, "If-Match": "2020-01-01T00:00:00Z"}
    )
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "stale")
    current = client.get("/api/user/profile").json["data"]["updated_at"]
    answer = client.patch("/api/user/profile", json={"city": "Ulm"}, headers={**csrf, "If-Match": current})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"phone": "12"}, "phone"),
        ({"country": "Germany"}, "country"),
        ({"locale": "english please"}, "locale"),
        ({"postcode": "x" * 16}, "postcode"),
        ({"is_admin": True}, "is_admin"),
        ({"email": "other@example.com"}, "email"),
        ({"mail_promo": "yes"}, "mail_promo"),
    ],
)
def test_unusable_profile_values(client, joined, csrf, body, field):
    answer = client.patch("/api/user/profile", json=body, headers=csrf)
    assert answer.status_code == 422
    assert list(answer.json["error"]["fields"]) == [field]


def test_public_routes_do_not_look_at_who_asks(app, joined):
    with app.test_request_context("/api/auth/csrf", headers=bearer(joined)):
        app.view_functions["auth.read_csrf"]()
        assert "_login_user" not in g
