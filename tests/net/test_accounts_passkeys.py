"""Passkeys over HTTP."""

import pytest

from app.net.middlewares.access import COOKIE
from app.utils.ids import new_id
from tests.authenticator import Authenticator, b64
from tests.net.conftest import PASSWORD, confirm_address


def fault(answer):
    return answer.status_code, answer.json["error"]["code"]


@pytest.fixture
def email():
    return f"dora-{new_id()}@example.com".lower()


@pytest.fixture
def make_browser(app):
    def make(email):
        client = app.test_client()
        client.post("/api/auth/register", json={"email": email, "password": PASSWORD})
        client.environ_base["HTTP_X_CSRF_TOKEN"] = client.get("/api/auth/csrf").json["data"]["csrf_token"]
        confirm_address(client.get("/api/auth/me").json["data"]["id"])
        return client

    return make


@pytest.fixture
def browser(make_browser, email):
    return make_browser(email)


@pytest.fixture
def device():
    return Authenticator()


@pytest.fixture
def passkey(browser, device):
    return add(browser, device).json["data"]


def add(browser, device, name="Dora's phone"):
    options = browser.post("/api/auth/passkeys/options").json["data"]["public_key"]
    return browser.post("/api/auth/passkeys", json={"name": name, "credential": device.create(options)})


def log_in(browser, device, /, *, username=None, **body):
    asked = {} if username is None else {"username": username}
    options = browser.post("/api/auth/login/passkey/options", json=asked).json["data"]["public_key"]
    return browser.post("/api/auth/login/passkey", json={"credential": device.get(options), **body})


def test_a_passkey_is_added_listed_renamed_and_removed(browser, device):
    answer = add(browser, device)
    assert (answer.status_code, answer.headers["Location"]) == (201, "/api/auth/passkeys")
    made = answer.json["data"]
    assert made == {
        "id": made["id"],
        "name": "Dora's phone",
        "added_at": made["added_at"],
        "last_used_at": None,
        "is_backed_up": True,
        "is_locked": False,
    }
    path = f"/api/auth/passkeys/{made['id']}"
    assert browser.patch(path, json={"name": "Old phone"}).json["data"]["name"] == "Old phone"
    page = browser.get("/api/auth/passkeys").json
    assert [row["name"] for row in page["data"]] == ["Old phone"] and page["page"]["total"] == 1
    assert b64(device.credential_id) not in browser.get("/api/auth/passkeys").text
    assert browser.delete(path).status_code == 204
    assert browser.get("/api/auth/passkeys").json["data"] == []
    assert fault(browser.delete(path)) == fault(browser.patch(path, json={"name": "x"})) == (404, "not_found")


def test_another_persons_passkey_is_not_found(passkey, make_browser):
    eve = make_browser(f"eve-{new_id()}@example.com")
    path = f"/api/auth/passkeys/{passkey['id']}"
    assert fault(eve.patch(path, json={"name": "x"})) == fault(eve.delete(path)) == (404, "not_found")
    assert eve.get("/api/auth/passkeys").json["data"] == []


@pytest.mark.parametrize("with_name", [True, False])
def test_a_passkey_logs_a_browser_in(app, passkey, device, email, with_name):
    client = app.test_client()
    answer = log_in(client, device, username=email if with_name else None)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert answer.json["data"]["user"]["email"] == email
    assert client.get_cookie(COOKIE) and client.get("/api/auth/me").status_code == 200


def test_a_mobile_client_gets_no_cookie(app, passkey, device):
    client = app.test_client()
    assert log_in(client, device, client="mobile", device_name="Phone").status_code == 200
    assert client.get_cookie(COOKIE) is None


def test_a_stranger_does_not_learn_whether_a_name_exists(app, passkey, device, email):
    client = app.test_client()
    names = (email, f"nobody-{new_id()}@example.com", new_id(), "x")
    shapes = set()
    for name in names:
        answer = client.post("/api/auth/login/passkey/options", json={"username": name})
        options = answer.json["data"]["public_key"]
        assert answer.status_code == 200 and options["allowCredentials"]
        shapes.add((tuple(sorted(options)), tuple(sorted(answer.headers.keys()))))
    assert len(shapes) == 1
    refusals = {
        (answer.status_code, answer.json["error"]["message"])
        for answer in (log_in(client, Authenticator(user_handle=b"x"), username=name) for name in names)
    }
    assert refusals == {(401, "This passkey was not accepted.")}


def test_a_refused_passkey_sets_no_cookie(app, device, passkey):
    client = app.test_client()
    options = client.post("/api/auth/login/passkey/options", json={}).json["data"]["public_key"]
    credential = device.get(options, origin="https://evil.example")
    answer = client.post("/api/auth/login/passkey", json={"credential": credential})
    assert fault(answer) == (401, "passkey_refused")
    assert client.get_cookie(COOKIE) is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "x"},
        {"name": "", "credential": {}},
        {"name": "x", "credential": {"id": "a", "rawId": "a", "type": "public-key"}},
        {"name": "x", "credential": {"id": "a b", "rawId": "a", "type": "public-key", "response": {}}},
        {"name": "x" * 61, "credential": "text"},
    ],
)
def test_a_malformed_passkey_is_refused(browser, body):
    assert fault(browser.post("/api/auth/passkeys", json=body)) == (422, "invalid")


def test_what_is_well_formed_and_no_passkey_is_refused(browser):
    response = {"clientDataJSON": "e30", "attestationObject": "e30"}
    credential = {"id": "YQ", "rawId": "YQ", "type": "public-key", "response": response}
    answer = browser.post("/api/auth/passkeys", json={"name": "x", "credential": credential})
    assert fault(answer) == (422, "passkey_invalid")


def test_strangers_make_no_passkeys(client):
    for path in ("/api/auth/passkeys/options", "/api/auth/passkeys", "/api/auth/prove/passkey-options"):
        assert fault(client.post(path)) == (401, "unauthenticated")
