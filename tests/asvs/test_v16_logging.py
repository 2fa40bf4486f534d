"""V16: what is written down, and what goes wrong well."""

import logging
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from app.services import accounts as account_service
from app.services import privacy
from app.services.accounts import contacts, kyc
from app.services.audit import Actor
from app.services.privacy import erasing
from app.utils.clock import utc_now
from app.utils.errors import DomainError
from tests.asvs.conftest import PASSWORD
from tests.asvs.reading import calls, document, matching, python_sources
from tests.factor_people import LATER, make_person, turn_on_app, wrong
from tests.people import NOW, code_to, fresh_email, fresh_phone, picture, token_to
from tests.people import make_person as make_account
from tests.purchases import make_goods, pay_page, place, signed, stands


def events(lines):
    return {(line["what"], line.get("factor", "")) for line in lines}


def log_in(browser, account, password=PASSWORD, **more):
    return browser.post("/api/auth/login", json={"email": account.email, "password": password, **more})


def test_v16_1_1_every_kind_of_security_event_is_written_down():
    page = document("security.md")
    noted = {call.args[0].value for _, call in calls("note", "note_alarm")}
    assert len(noted) >= 10
    for what in noted:
        assert what in page, what
    assert "One event a line on standard error" in page and "keeps it 90 days" in page


def test_v16_2_1_a_line_says_when_who_what_and_where(logged, account):
    client, lines = logged
    client.get("/api/auth/me", headers=account.headers | {"X-Request-Id": "request-0001"})
    (line,) = [entry for entry in lines("request") if entry["request_id"] == "request-0001"]
    assert (line["user"], line["method"], line["route"], line["status"]) == (
        account.user.id,
        "GET",
        "/api/auth/me",
        200,
    )


def test_v16_2_2_times_are_utc(logged):
    client, lines = logged
    client.get("/api/app/health")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", line["at"]) for line in lines("request"))


def test_v16_2_3_lines_go_to_standard_error_and_nowhere_else(app):
    assert matching(r"FileHandler|SysLogHandler|HTTPHandler|SocketHandler", python_sources()) == set()
    ours = [handler for handler in logging.getLogger().handlers if getattr(handler, "of_product", False)]
    assert len(ours) == 1 and type(ours[0]) is logging.StreamHandler


def test_v16_2_4_each_line_is_one_object(logged, capfd):
    client, _ = logged
    client.get("/api/app/health")
    logging.getLogger("some.library").warning("two\nlines")
    written = [line for line in capfd.readouterr().err.splitlines() if "some.library" in line or '"request"' in line]
    assert len(written) == 2 and all(line.startswith("{") and line.endswith("}") for line in written)


def test_v16_2_5_no_line_has_a_secret_or_a_name(logged, account, capfd):
    client, _ = logged
    signed_in = log_in(client, account, client="mobile").json["data"]
    log_in(client, account, "hunter2-and-more")
    client.get("/api/auth/me", headers={"Authorization": f"Bearer {signed_in['access_token']}"})
    output = capfd.readouterr().err
    assert "session.started" in output
    for secret in (PASSWORD, "hunter2", account.email, signed_in["access_token"], signed_in["refresh_token"]):
        assert secret not in output


def test_v16_3_1_logins_that_went_well_and_badly_are_noted(logged, settings, account):
    client, lines = logged
    log_in(client, account, "wrong")
    assert ("factor.refused", "password") in events(lines("security"))
    log_in(client, account, client="mobile")
    assert {("factor.accepted", "password"), ("session.started", "")} <= events(lines("security"))
    person = make_person(settings)
    app, _ = turn_on_app(person, settings)
    assert ("factor.added", "totp") in events(lines("security"))
    for code in (wrong(app.at(LATER)), app.at(LATER)):
        try:
            account_service.totp.use_code(person.id, code, now=LATER, settings=settings)
        except DomainError:
            assert ("factor.refused", "totp") in events(lines("security"))
    assert ("factor.accepted", "totp") in events(lines("security"))


def test_v16_3_1_changes_of_contact_identity_and_an_accounts_end_are_noted(logged, settings):
    _, lines = logged
    user, email, phone = make_account(settings), fresh_email(), fresh_phone()
    contacts.request_email(user, email, now=NOW, settings=settings)
    undo = token_to(user.email, "contact_changing")
    user = contacts.confirm_email(token_to(email, "email_to_confirm"), now=NOW)
    contacts.request_phone(user, phone, now=NOW, settings=settings)
    contacts.confirm_phone(user, code_to(phone), now=NOW, settings=settings)
    contacts.undo(undo, now=NOW, settings=settings)
    told = [line for line in lines("security") if line["what"].startswith("contact.")]
    assert [(line["what"], line["contact"]) for line in told] == [
        ("contact.asked", "email"),
        ("contact.changed", "email"),
        ("contact.asked", "phone"),
        ("contact.changed", "phone"),
        ("contact.undone", "email"),
    ]
    assert {line["user"] for line in told} == {user.id}
    document = kyc.Submission("passport", "L01X00T47", picture())
    kyc.submit(user.id, document, now=NOW, settings=settings)
    kyc.reject(user.id, "cannot be read", Actor("staff-1"), now=NOW)
    told = [line for line in lines("security") if line["what"].startswith("identity.")]
    assert [(line["what"], line["user"]) for line in told] == [
        ("identity.sent", user.id),
        ("identity.decided", user.id),
    ]
    assert (told[1]["decision"], told[1]["by"]) == ("rejected", "staff-1")


def test_v16_3_1_the_end_of_an_account_is_noted(logged, settings, account, refresh_index):
    _, lines = logged
    now = utc_now()
    identity = account_service.authenticate_cookie(account.log_in(now=now).cookie, now=now)
    privacy.request_erasure(privacy.ErasureRequest(identity, PASSWORD), now=now, settings=settings)
    refresh_index()
    erasing.run_erasure(account.user.id, settings=settings, clock=lambda: now + timedelta(minutes=3), parts=())
    told = [line["what"] for line in lines("security") if line["what"].startswith("account.")]
    assert told == ["account.closed", "account.erased"]


def test_v16_3_2_refused_access_is_noted(logged, account):
    client, lines = logged
    headers = account.headers
    client.get("/api/admin/users", headers=headers)
    client.get("/api/auth/me")
    refused = [line for line in lines("security") if line["what"] == "request.refused"]
    assert [(line["code"], line["user"]) for line in refused] == [
        ("forbidden", account.user.id),
        ("unauthenticated", ""),
    ]
    assert refused[0]["route"] == "/api/admin/users"


def test_v16_3_3_tries_to_get_round_a_rule_are_noted(stores, make_app, logged, account):
    client, lines = logged
    client.get("/api/products?after=forged")
    client.post("/api/auth/confirm-email", json={"token": "x" * 43})
    client.set_cookie("login_session", account.log_in().cookie)
    client.delete("/api/auth/sessions")
    found = {line["code"] for line in lines("security") if line["what"] == "request.refused"}
    assert {"bad_cursor", "token_invalid", "csrf_failed"} <= found
    limited = make_app(replace(stores, log_json=True, rate_limit_enabled=True, rate_limit_visitor_per_minute=1))
    for _ in range(2):
        limited.test_client().get("/api/products")
    assert [line["code"] for line in lines("security")] == ["rate_limited"]
    client.application.test_client().post("/api/auth/register", json={"email": "x"})
    assert [line.get("code") for line in lines("request")] == ["invalid"]


def test_v16_3_3_a_stolen_refresh_token_is_a_warning(logged, account, settings):
    _, lines = logged
    token = account.log_in(kind="mobile").refresh_token
    account_service.refresh_login(token, now=utc_now(), settings=settings)
    with pytest.raises(DomainError):
        account_service.refresh_login(token, now=utc_now(), settings=settings)
    (line,) = [entry for entry in lines("security") if entry["what"] == "refresh_token.reused"]
    assert (line["level"], line["user"]) == ("warning", account.user.id)


def test_v16_3_4_faults_are_noted_with_their_trace(logged):
    client, lines = logged
    assert client.get("/api/probe/fault").status_code == 500
    (line,) = lines("fault")
    assert "RuntimeError" in line["exception"] and line["request_id"]


def test_v16_4_1_no_request_writes_a_line_of_its_own(logged, capfd):
    client, _ = logged
    client.get('/api/nothing%0a{"event":"security","what":"forged"}', headers={"User-Agent": 'x\t"forged"'})
    forged = [
        line for line in capfd.readouterr().err.splitlines() if line.startswith('{"event":"security","what":"forged"')
    ]
    assert forged == []


def test_v16_5_1_a_fault_tells_nothing_of_the_inside(stores, make_app):
    client = make_app(replace(stores, profile="production", sandbox_provider_enabled=False)).test_client()
    answer = client.get("/api/probe/fault")
    assert answer.status_code == 500 and set(answer.json["error"]) == {"code", "message", "request_id"}
    assert "RuntimeError" not in answer.text and "Traceback" not in answer.text


def test_v16_5_2_a_provider_that_is_away_shuts_its_own_door_only(stores, make_app):
    provider = '[{"name": "local", "issuer": "https://127.0.0.1:1", "client_id": "x"}]'
    client = make_app(replace(stores, oidc_providers=provider, oidc_timeout_seconds=0.2)).test_client()
    answer = client.get("/api/auth/social/local/start")
    assert (answer.status_code, answer.json["error"]["code"]) == (502, "login_provider_unavailable")
    assert client.get("/api/products").status_code == 200


def test_v16_5_3_what_cannot_be_checked_does_not_happen(client):
    placed = place(make_goods().wanted())
    event = signed(placed.payment.id, pay_page(placed.payment))
    answer = client.post("/api/payment/webhook/sandbox", data=event.body + b" ", headers=event.headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_signature")
    assert stands(placed.order.id).status == "pending"


def test_v16_5_4_a_fault_ends_its_request_and_nothing_else(probe_client):
    assert probe_client.get("/api/probe/fault").status_code == 500
    assert probe_client.get("/api/probe/things/abc").status_code == 200
