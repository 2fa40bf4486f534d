"""Logs are lines of JSON with the request id, and no secret is ever in one."""

import json
import logging
from dataclasses import replace

import pytest
import structlog

from app.plugins.logs.redaction import MASK, clean, clean_text, redact

SECRET = "hunter2-and-more"


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "new_password",
        "passwd",
        "Authorization",
        "cookie",
        "Set-Cookie",
        "access_token",
        "refresh_token",
        "csrf_token",
        "stripe_signature",
        "X-Signature",
        "api_key",
        "apiKey",
        "client_secret",
        "card_number",
        "cvc",
        "session_id",
    ],
)
def test_values_under_secret_names_are_removed_at_any_depth(name):
    event = {"event": "x", name: SECRET, "body": {"list": [{name: SECRET}]}}
    assert SECRET not in json.dumps(redact(None, "info", event))


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        f"header was Bearer {SECRET}, refused",
        f"GET /callback?token={SECRET}&x=1",
        f'{{"password": "{SECRET}"}}',
        f"password={SECRET}",
        f"secret_key: '{SECRET}'",
        f"Cookie: login_session={SECRET}",
        f"t=1,v1_signature={SECRET}",
    ],
)
def test_secrets_inside_texts_are_removed(text):
    assert SECRET not in clean_text(text)
    assert MASK in clean_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
        "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
        "whsec_abcdefgh12345678",
        "4242 4242 4242 4242",
        "4242424242424242",
        "3782-822463-10005",
    ],
)
def test_tokens_provider_keys_and_card_numbers_are_removed(text):
    assert clean_text(f"seen {text} here") == f"seen {MASK} here"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("mail to ann.lee+x@example.com failed", f"mail to {MASK} failed"),
        ("GET /orders?email=ann%40example.com&page=2", f"GET /orders?email={MASK}&page=2"),
        ("{'ann@example.com': (550, b'No such user')}", f"{{'{MASK}': (550, b'No such user')}}"),
        ("Ann <ann@example.com>, today", f"Ann <{MASK}>, today"),
        ("jürgen@müller.example", MASK),
        ("call +14155552671 now", f"call {MASK} now"),
        ("call +1 (415) 555-2671.", f"call {MASK}."),
        ("phone=%2B14155552671", f"phone={MASK}"),
    ],
)
def test_mail_addresses_and_phone_numbers_are_removed(text, left):
    assert clean_text(text) == left


@pytest.mark.parametrize(
    "name", ["email", "recipient", "phone", "phone_number", "first_name", "username", "billing", "document_number"]
)
def test_values_under_names_of_people_are_removed(name):
    assert clean({name: "Ann Lee", "other": "kept"}) == {name: MASK, "other": "kept"}


@pytest.mark.parametrize(
    "text",
    [
        "order 2NxV0hfyJx2YyCqLVK1aQw9T3cZ paid",
        "1234567890123456",
        "at 2026-01-31T12:00:00.123456Z",
        "the secretary signed in",
        "at 2026-01-31T12:00:00.123456+00:00",
        "done +12 of 4000, 1+1000000 is a sum",
        "mail_key welcome/2NxV0hfyJx2YyCqLVK1aQw9T3cZ",
    ],
)
def test_other_texts_stay(text):
    assert clean_text(text) == text


def test_bytes_and_numbers_are_kept_readable():
    assert clean({"size": 3, "body": b"abc", "none": None}) == {"size": 3, "body": "[3 bytes]", "none": None}


@pytest.fixture
def logged(stores, make_app, capfd):
    """A client of an application that logs JSON, and its lines."""
    client = make_app(replace(stores, log_json=True)).test_client()

    def lines():
        return [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]

    return client, lines


def test_each_request_is_one_line_with_its_id(logged):
    client, lines = logged
    client.get("/api/probe/things/abc?secret=1", headers={"X-Request-Id": "request-0001"})
    (line,) = [entry for entry in lines() if entry["event"] == "request"]
    assert line["request_id"] == "request-0001"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/probe/things/abc", 200)
    assert line["route"] == "/api/probe/things/<thing_id>"
    assert line["ms"] >= 0 and line["level"] == "info" and line["at"].endswith("Z")


def test_what_a_client_sends_in_confidence_is_in_no_line(logged, capfd):
    client, _ = logged
    client.post(
        "/api/auth/login?token=" + SECRET,
        json={"email": "ann@example.com", "password": SECRET},
        headers={"Authorization": f"Bearer {SECRET}", "Cookie": f"login_session={SECRET}"},
    )
    client.get("/api/probe/fault")
    output = capfd.readouterr().err
    assert "fault" in output and "RuntimeError" in output
    for secret in (SECRET, "abc.def.ghi", "4242 4242"):
        assert secret not in output


def test_loggers_of_libraries_end_in_the_same_place(logged):
    _, lines = logged
    logging.getLogger("some.library").warning("password=%s", SECRET)
    (line,) = [entry for entry in lines() if entry.get("logger") == "some.library"]
    assert line["event"] == f"password={MASK}" and line["level"] == "warning"


def test_a_request_does_not_inherit_the_last_ones_id(logged):
    client, lines = logged
    client.get("/api/probe/things/abc", headers={"X-Request-Id": "request-0001"})
    client.get("/api/probe/things/abc")
    ids = [entry["request_id"] for entry in lines() if entry["event"] == "request"]
    assert ids[0] == "request-0001" != ids[1]
    structlog.contextvars.clear_contextvars()
