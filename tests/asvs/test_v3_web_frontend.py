"""V3: what browsers are told, and what they can be made to do."""

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from app.plugins import uploads
from tests.asvs.conftest import PASSWORD
from tests.asvs.reading import ROOT, matching, script_sources
from tests.purchases import make_goods

PATHS = ["/", "/api/app/health", "/api/auth/me", "/api/nothing", "/nothing", "/health", "/api/docs/"]


@pytest.fixture
def cookies(secure, account):
    """Every cookie that a browser is given over https: those of login, CSRF and a visitor's cart."""
    goods = make_goods()
    answers = [secure.post("/api/cart/items", json={"kind": goods.kind, "ref_id": goods.id, "quantity": 1})]
    seed = secure.get("/api/auth/csrf", base_url="https://localhost")
    answers.append(seed)
    headers = {"X-CSRF-Token": seed.json["data"]["csrf_token"]}
    body = {"email": account.email, "password": PASSWORD}
    login = secure.post("/api/auth/login", json=body, headers=headers, base_url="https://localhost")
    assert login.status_code == 200, login.text
    answers.append(login)
    found = [text for answer in answers for text in answer.headers.getlist("Set-Cookie")]
    names = {text.split("=")[0].removeprefix("__Host-") for text in found}
    assert {"login_session", "csrf_seed", "visitor"} <= names, names
    secret = next(text for text in found if "login_session" in text).split("=")[1].split(";")[0]
    return found, secret, login


def test_v3_2_1_a_file_opened_by_itself_is_a_picture_in_a_sandbox(client, stores):
    out = BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    answer = client.get(uploads.save_picture(stores, out.getvalue()).url())
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_v3_2_2_texts_are_shown_as_texts():
    assert matching(r"innerHTML|outerHTML|insertAdjacentHTML|srcdoc|srcDoc", script_sources()) == set()


def test_v3_3_1_cookies_are_secure_and_say_so_in_their_name(cookies):
    for text in cookies[0]:
        assert text.startswith("__Host-") and "; Secure" in text


def test_v3_3_2_cookies_do_not_come_with_other_sites_requests(cookies):
    assert all("SameSite=Lax" in text for text in cookies[0])


def test_v3_3_3_cookies_belong_to_one_host(cookies):
    assert all(text.startswith("__Host-") and "Path=/" in text and "Domain" not in text for text in cookies[0])


def test_v3_3_4_scripts_read_no_cookie_and_no_body_has_its_value(cookies):
    found, secret, login = cookies
    assert all("HttpOnly" in text for text in found)
    assert len(secret) > 60 and secret not in login.text


@pytest.mark.parametrize("path", PATHS)
def test_v3_4_1_browsers_stay_with_https(secure, path):
    policy = secure.get(path).headers["Strict-Transport-Security"]
    assert policy == "max-age=31536000; includeSubDomains"


def test_v3_4_2_other_origins_are_those_of_the_settings(stores, make_app):
    client = make_app(replace(stores, cors_origins=("https://shop.example",))).test_client()
    known = client.get("/api/app/health", headers={"Origin": "https://shop.example"})
    assert known.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    for origin in ("https://shop.example.evil.example", "null", "http://shop.example"):
        answer = client.get("/api/app/health", headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
def test_v3_4_3_a_policy_says_what_may_run(client, path):
    policy = client.get(path).headers["Content-Security-Policy"]
    for rule in ("default-src 'self'", "script-src 'self'", "object-src 'none'", "base-uri 'none'"):
        assert rule in policy
    assert "unsafe" not in policy and "*" not in policy


@pytest.mark.parametrize("path", PATHS)
def test_v3_4_4_types_are_not_guessed(client, path):
    assert client.get(path).headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", PATHS)
def test_v3_4_5_other_sites_learn_no_path(client, path):
    assert client.get(path).headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.parametrize("path", PATHS)
def test_v3_4_6_nobody_frames_a_page(client, path):
    assert "frame-ancestors 'none'" in client.get(path).headers["Content-Security-Policy"]


def test_v3_5_1_a_write_by_cookie_needs_this_browsers_token(client, account):
    client.set_cookie("login_session", account.log_in().cookie)
    answer = client.delete("/api/auth/sessions")
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "csrf_failed")
    token = client.get("/api/auth/csrf").json["data"]["csrf_token"]
    assert client.delete("/api/auth/sessions", headers={"X-CSRF-Token": token}).status_code == 204


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_v3_5_2_what_a_form_can_send_opens_nothing(client, account, kind):
    body = f'{{"email": "{account.email}", "password": "{PASSWORD}"}}'
    answer = client.post("/api/auth/login", data=body, content_type=kind)
    assert answer.status_code == 415 and "Set-Cookie" not in answer.headers


def test_v3_5_3_reading_changes_nothing(app, client, account):
    headers = account.headers
    for method in ("GET", "HEAD"):
        assert client.open("/api/auth/logout", method=method, headers=headers).status_code == 405
    assert client.get("/api/auth/me", headers=headers).status_code == 200
    changing = ("create", "change", "delete", "remove", "end", "log_out", "pay", "place", "ban", "set")
    read = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and rule.rule.startswith("/api")]
    assert [rule.endpoint for rule in read if rule.endpoint.split(".")[-1].startswith(changing)] == []


def test_v3_7_1_pages_need_nothing_that_browsers_gave_up():
    pages = {str(path): path.read_text() for path in (ROOT / "app" / "templates").rglob("*.html")}
    assert matching(r"<(object|embed|applet)\b", pages | script_sources()) == set()


@pytest.mark.parametrize("place", ["https://evil.example", "//evil.example/x", "/\\evil.example", "/ok\r\nX: y"])
def test_v3_7_2_nobody_is_sent_to_a_place_that_was_handed_in(client, place):
    for door in ("/api/auth/social/local/start", "/admin"):
        answer = client.get(door, query_string={"next": place})
        assert "evil" not in answer.headers.get("Location", "")
    assert client.get("/api/auth/social/local/start", query_string={"next": place}).status_code == 422
