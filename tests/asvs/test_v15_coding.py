"""V15: how the product is made."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.models import StockEntry
from app.models.accounts import UserSession
from app.plugins.cassandra_cqlengine import ledger
from app.services.accounts import passwords
from app.services.accounts.passwords import Busy
from app.utils.errors import DomainError
from app.utils.ids import new_id
from tests.asvs.conftest import PASSWORD
from tests.asvs.reading import ROOT, calls, document, matching, script_sources
from tests.purchases import make_goods, place


def test_v15_1_1_when_a_weak_part_is_replaced_is_written_down():
    page = document("security.md")
    assert "critical is out of a release within 3 days, a high one within 14, others within 60" in page


def test_v15_1_2_every_part_from_elsewhere_is_pinned_with_its_digest():
    text = re.sub(r"\\\n", " ", (ROOT / "requirements.txt").read_text())
    parts = [line for line in text.splitlines() if line and not line.startswith(("#", " ", "--"))]
    assert len(parts) > 30 and all("==" in line and "--hash=sha256:" in line for line in parts)
    for frontend in ("frontend", "frontend-admin"):
        assert '"integrity": "sha512-' in (ROOT / frontend / "package-lock.json").read_text()


def test_v15_1_3_what_takes_long_is_written_down():
    assert "Long work is done by jobs: imports, mails, copies, reindexing" in document("security.md")


def test_v15_2_1_known_weaknesses_are_asked_for_by_one_command():
    audit = (ROOT / "Makefile").read_text().split("audit:")[1].split("\n\n")[0]
    assert "pip-audit --strict --require-hashes" in audit and "-r requirements.txt" in audit


def test_v15_2_2_who_finds_the_line_full_is_told_so(settings, probe_client):
    narrow = replace(settings, argon2_at_once=1, argon2_waiting=1)
    with ThreadPoolExecutor(12) as pool:
        tries = [pool.submit(passwords.hash_password, "x", narrow) for _ in range(12)]
        faults = [done.exception() for done in tries]
    assert any(isinstance(fault, Busy) for fault in faults) and None in faults
    big = b'{"name": "' + b"x" * 2_000_000 + b'"}'
    assert probe_client.post("/api/probe/things", data=big, content_type="application/json").status_code == 413


def test_v15_2_3_production_has_nothing_for_trying_out(stores, make_app):
    client = make_app(replace(stores, profile="production", sandbox_provider_enabled=False)).test_client()
    assert client.get("/sandbox/pay/abc").status_code == 404
    assert client.get("/api/payment/methods").json["data"] == []
    image = (ROOT / "deploy" / "Dockerfile").read_text()
    assert "COPY tests" not in image and "COPY benchmarks" not in image


def test_v15_3_1_an_answer_has_the_fields_it_lists_and_no_more(app, client, account):
    me = client.get("/api/auth/me", headers=account.headers).json["data"]
    assert not [name for name in me if "password" in name or "hash" in name or "sealed" in name]
    schemas = app.api_document["components"]["schemas"]
    assert not [n for n, s in schemas.items() if n.endswith("Out") and "password_hash" in s.get("properties", {})]


def test_v15_3_2_no_redirect_is_followed():
    for path, call in calls("httpx.Client", "httpx.AsyncClient", "httpx.get", "httpx.post"):
        told = {keyword.arg: getattr(keyword.value, "value", None) for keyword in call.keywords}
        assert told.get("follow_redirects", False) is False, path


@pytest.mark.parametrize("field", ["is_admin", "is_superuser", "status", "id", "email_confirmed_at"])
def test_v15_3_3_nobody_signs_up_with_more_than_the_form_has(client, field):
    body = {"email": f"max-{new_id()}@example.com", "password": PASSWORD, field: True}
    answer = client.post("/api/auth/register", json=body)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field])


def test_v15_3_4_the_address_is_the_one_the_trusted_proxy_saw(stores, make_app, account):
    body = {"email": account.email, "password": PASSWORD}
    headers = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9"}
    seen = []
    for hops in (0, 1):
        client = make_app(replace(stores, trusted_proxies=hops)).test_client()
        assert client.post("/api/auth/login", json=body, headers=headers).status_code == 200
        newest = max(UserSession.objects(user_id=account.user.id).limit(10), key=lambda row: row.started_at)
        seen.append(newest.address)
    assert seen == ["127.0.0.1", "203.0.113.9"]


@pytest.mark.parametrize("value", ["3", True, None, [3], {"a": 3}, 3.5])
def test_v15_3_5_a_value_of_another_type_is_none_of_ours(probe_client, value):
    answer = probe_client.post("/api/probe/things", json={"name": "x", "count": value})
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["count"])


def test_v15_3_6_no_script_writes_into_prototypes():
    assert matching(r"__proto__|\.prototype\b|setPrototypeOf|lodash|deepmerge|\$\.extend", script_sources()) == set()


def test_v15_3_7_a_name_given_twice_or_elsewhere_changes_nothing(probe_client, client, account):
    first = probe_client.get("/api/probe/things?sort=-name&sort=name&size=1").json["data"]
    assert first[0]["name"] == "thing-25"
    query = {"email": account.email, "password": PASSWORD}
    answer = client.post("/api/auth/login", query_string=query, json={"email": account.email, "password": "wrong"})
    assert answer.status_code == 401


def test_v15_4_2_of_many_who_want_the_last_piece_one_has_it(app):
    last = make_goods(left=1)

    def buy(_: int) -> str:
        try:
            place(last.wanted())
        except DomainError as refusal:
            return refusal.code
        return "placed"

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(buy, range(8)))
    assert results.count("placed") == 1 and set(results) == {"placed", "out_of_stock"}
    assert ledger.audit(StockEntry, last.reference) == 0
