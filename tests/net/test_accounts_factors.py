"""Second factors over HTTP: what an account page and a login page do."""

import re
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from app.net.middlewares.access import COOKIE, ENROLMENT, identify_socket
from app.services import accounts as account_service
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.authenticator import Authenticator
from tests.net.conftest import PASSWORD, confirm_address, sign_up_person

SECRETS = ("secret", "hash", "sealed", "public_key", "credential_id", "write_token")


def fault(answer):
    return answer.status_code, answer.json["error"]["code"]


@pytest.fixture
def email():
    return f"cleo-{new_id()}@example.com".lower()


@pytest.fixture
def browser(app, email):
    """Cleo's browser, logged in by cookie."""
    client = app.test_client()
    client.post("/api/auth/register", json={"email": email, "password": PASSWORD})
    client.environ_base["HTTP_X_CSRF_TOKEN"] = client.get("/api/auth/csrf").json["data"]["csrf_token"]
    confirm_address(client.get("/api/auth/me").json["data"]["id"])
    return client


@pytest.fixture
def totp(browser):
    """Cleo's authenticator app is on: the app, and the recovery codes."""
    secret = browser.post("/api/auth/totp").json["data"]["secret"]
    app = pyotp.TOTP(secret)
    codes = browser.post("/api/auth/totp/confirm", json={"code": app.at(utc_now())}).json["data"]["recovery_codes"]
    return app, codes


def next_code(app):
    """A code of the step after this one, which is good too and was not used to turn the app on."""
    return app.at(utc_now() + timedelta(seconds=30))


@pytest.fixture
def log_in(app, email):
    def log_in(**more):
        client = app.test_client()
        return client, client.post("/api/auth/login", json={"email": email, "password": PASSWORD, **more})

    return log_in


def test_turning_the_app_on_shows_everything_once(browser):
    answer = browser.post("/api/auth/totp")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert answer.headers["Location"] == "/api/auth/factors"
    data = answer.json["data"]
    assert data["uri"].startswith("otpauth://totp/") and data["qr_svg"].startswith("<svg")
    answer = browser.post("/api/auth/totp/confirm", json={"code": pyotp.TOTP(data["secret"]).at(utc_now())})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    codes = answer.json["data"]["recovery_codes"]
    assert len(codes) == 10 and all(re.fullmatch(r"[0-9][0-9A-Z]{3}-[0-9A-Z]{4}-[0-9A-Z]{4}", code) for code in codes)
    shown = browser.get("/api/auth/factors")
    assert data["secret"] not in shown.text and not any(code in shown.text for code in codes)
    assert fault(browser.post("/api/auth/totp")) == (409, "factor_active")


def test_the_overview_names_what_is_set_up_and_no_secret(browser, totp):
    data = browser.get("/api/auth/factors").json["data"]
    assert (data["has_password"], data["recovery_codes_left"], data["passkeys"], data["linked_logins"]) == (
        True,
        10,
        [],
        [],
    )
    assert data["totp_since"] and not data["second_factor_required"] and not data["must_enrol"]
    assert not [name for name in data if any(word in name for word in SECRETS)]


def test_a_login_takes_two_steps(browser, totp, log_in):
    client, answer = log_in()
    assert fault(answer) == (401, "second_factor_required")
    details = answer.json["error"]["details"]
    assert details.keys() == {"ticket", "methods", "expires_in"}
    assert client.get_cookie(COOKIE) is None
    body = {"ticket": details["ticket"], "method": "totp", "code": next_code(totp[0])}
    answer = client.post("/api/auth/login/second-factor", json=body)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert answer.json["data"].keys() >= {"access_token", "refresh_token", "user", "session_id"}
    assert client.get_cookie(COOKIE) and client.get("/api/auth/me").status_code == 200


def test_a_mobile_login_stays_mobile(browser, totp, log_in):
    client, answer = log_in(client="mobile", device_name="Cleo's phone")
    body = {"ticket": answer.json["error"]["details"]["ticket"], "method": "recovery", "code": totp[1][0]}
    data = client.post("/api/auth/login/second-factor", json=body).json["data"]
    assert client.get_cookie(COOKIE) is None
    names = [row["device_name"] for row in browser.get("/api/auth/sessions").json["data"]]
    assert "Cleo's phone" in names and data["session_id"]


def test_a_wrong_code_is_told_and_the_ticket_stays(browser, totp, log_in):
    client, answer = log_in(client="mobile")
    ticket = answer.json["error"]["details"]["ticket"]
    for code in ("000000", "½½½½½½", "Z"):
        body = {"ticket": ticket, "method": "totp", "code": code}
        assert fault(client.post("/api/auth/login/second-factor", json=body)) == (401, "bad_code")
    body = {"ticket": ticket, "method": "totp", "code": next_code(totp[0])}
    assert client.post("/api/auth/login/second-factor", json=body).status_code == 200
    assert fault(client.post("/api/auth/login/second-factor", json=body)) == (422, "token_invalid")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ticket": "x" * 43, "method": "totp"},
        {"ticket": "x" * 43, "method": "totp", "code": ""},
        {"ticket": "x" * 43, "method": "passkey", "code": "123456"},
        {"ticket": "x" * 43, "method": "carrier pigeon", "code": "123456"},
        {"ticket": "short", "method": "totp", "code": "123456"},
        {"ticket": "x" * 43, "method": "totp", "code": 123456},
        {"ticket": "x" * 43, "method": "totp", "code": "123456", "extra": 1},
    ],
)
def test_a_malformed_second_step_is_refused(client, body):
    assert fault(client.post("/api/auth/login/second-factor", json=body)) == (422, "invalid")


def test_what_is_delicate_asks_for_a_fresh_proof(browser, totp, app, settings, make_app):
    strict = make_app(replace(settings, proof_ttl_seconds=1e-9)).test_client()
    strict.set_cookie(COOKIE, browser.get_cookie(COOKIE).value)
    strict.environ_base["HTTP_X_CSRF_TOKEN"] = strict.get("/api/auth/csrf").json["data"]["csrf_token"]
    doors = [
        ("POST", "/api/auth/totp", None),
        ("POST", "/api/auth/totp/confirm", {"code": "123456"}),
        ("DELETE", "/api/auth/totp", None),
        ("POST", "/api/auth/recovery-codes", None),
        ("POST", "/api/auth/passkeys/options", None),
        ("POST", "/api/auth/passkeys", None),
        ("DELETE", f"/api/auth/passkeys/{new_id()}", None),
        ("DELETE", f"/api/auth/social/links/{new_id()}", None),
        ("POST", "/api/auth/social/local/link", {}),
    ]
    for method, path, body in doors:
        assert fault(strict.open(path, method=method, json=body)) == (403, "proof_required"), path
    assert browser.get("/api/auth/factors").json["data"]["totp_since"]


def test_new_recovery_codes_and_removal(browser, totp, log_in):
    renewed = browser.post("/api/auth/recovery-codes").json["data"]["recovery_codes"]
    assert not set(renewed) & set(totp[1])
    assert browser.delete("/api/auth/totp").status_code == 204
    assert log_in()[1].status_code == 200
    assert fault(browser.delete("/api/auth/totp")) == (404, "not_found")
    assert fault(browser.post("/api/auth/recovery-codes")) == (409, "no_second_factor")


def test_the_three_ways_to_prove(browser, totp):
    device = Authenticator()
    options = browser.post("/api/auth/passkeys/options").json["data"]["public_key"]
    browser.post("/api/auth/passkeys", json={"name": "Key", "credential": device.create(options)})
    options = browser.post("/api/auth/prove/passkey-options").json["data"]["public_key"]
    good = ({"password": PASSWORD}, {"code": next_code(totp[0])}, {"passkey": device.get(options)})
    assert [browser.post("/api/auth/prove", json=body).status_code for body in good] == [204, 204, 204]
    wrong = [fault(browser.post("/api/auth/prove", json=body)) for body in ({"password": "wrong"}, *good[1:])]
    assert wrong == [(401, "bad_credentials"), (401, "bad_code"), (401, "passkey_refused")]


@pytest.mark.parametrize(
    "body",
    [{}, {"password": PASSWORD, "code": "123456"}, {"code": "12345"}, {"code": "x"}, {"passkey": {}}, {"pin": "1"}],
)
def test_a_proof_is_one_of_three(browser, body):
    assert fault(browser.post("/api/auth/prove", json=body)) == (422, "invalid")


def test_a_passwordless_account_does_not_prove_by_password(app, settings):
    account = account_service.NewAccount(f"lea-{new_id()}@example.com", None)
    now = utc_now()
    signed_in = account_service.sign_up(account, account_service.SessionStart("mobile"), now=now, settings=settings)
    headers = {"Authorization": f"Bearer {signed_in.access_token}"}
    answer = app.test_client().post("/api/auth/prove", json={"password": "x"}, headers=headers)
    assert fault(answer) == (401, "bad_credentials")
    login = {"email": account.email, "password": "x"}
    assert fault(app.test_client().post("/api/auth/login", json=login)) == (401, "bad_credentials")


# staff without a second factor


@pytest.fixture
def strict_app(settings, make_app):
    return make_app(replace(settings, second_factor_required_for_staff=True))


def test_staff_without_a_second_factor_can_only_set_one_up(strict_app, settings):
    boss = sign_up_person(settings, is_admin=True)
    confirm_address(boss.id)
    client = strict_app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {boss.token}"
    closed = ("/api/user/profile", "/api/auth/sessions", "/api/cart", "/api/admin/orders")
    for path in closed:
        assert fault(client.get(path)) == (403, "second_factor_enrolment_required"), path
    assert client.get("/api/auth/me").status_code == 200
    assert client.get("/api/auth/factors").json["data"]["must_enrol"] is True
    secret = client.post("/api/auth/totp").json["data"]["secret"]
    code = pyotp.TOTP(secret).at(utc_now())
    assert client.post("/api/auth/totp/confirm", json={"code": code}).status_code == 200
    for path in closed:
        assert client.get(path).status_code == 200, path
    assert client.get("/api/auth/factors").json["data"]["must_enrol"] is False


def test_sockets_do_not_open_for_staff_without_a_second_factor(strict_app, app, settings):
    boss, customer = sign_up_person(settings, is_admin=True), sign_up_person(settings)
    with strict_app.test_request_context("/socket.io/"):
        assert identify_socket({"token": boss.token}) is None
        assert identify_socket({"token": customer.token}).id == customer.id
    with app.test_request_context("/socket.io/"):
        assert identify_socket({"token": boss.token}).id == boss.id


def test_customers_are_not_asked(strict_app, settings):
    person = sign_up_person(settings, is_seller=True)
    assert strict_app.test_client().get("/api/user/profile", headers=person.headers).status_code == 200


def test_a_passkey_serves_staff_too(strict_app, settings):
    boss = sign_up_person(settings, is_superuser=True)
    confirm_address(boss.id)
    client = strict_app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {boss.token}"
    device = Authenticator()
    options = client.post("/api/auth/passkeys/options").json["data"]["public_key"]
    body = {"name": "Key", "credential": device.create(options)}
    assert client.post("/api/auth/passkeys", json=body).status_code == 201
    assert client.get("/api/user/profile").status_code == 200


def test_who_must_enrol_may_ask_for_the_link_that_confirms_the_address(strict_app, settings):
    boss = sign_up_person(settings, is_admin=True)
    for path in ("/api/auth/totp", "/api/auth/passkeys/options"):
        answer = strict_app.test_client().post(path, headers=boss.headers)
        assert fault(answer) == (409, "contact_unconfirmed"), path
        assert answer.json["error"]["message"] == "Please confirm your mail address or phone number first."
    answer = strict_app.test_client().post("/api/auth/confirm-email/resend", headers=boss.headers)
    assert answer.status_code == 202


def test_every_door_of_enrolment_exists(app):
    assert set(app.view_functions) >= ENROLMENT
