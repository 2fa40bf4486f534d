"""One error shape, and no word about the inside (spec: api, 1)."""

import json
from dataclasses import replace

import pytest

from app.net.errors import ERRORS
from app.utils.errors import DomainError


def fault(answer):
    return answer.get_json()["error"]


def test_an_unknown_path_is_json_under_api(client):
    answer = client.get("/api/no/such/thing")
    assert (answer.status_code, answer.content_type) == (404, "application/json")
    assert fault(answer)["code"] == "not_found"
    assert fault(answer)["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("path", ["/no-such-page", "/no/such/page", "/assets/gone.js", "/static/gone.css"])
def test_an_unknown_path_is_a_page_elsewhere(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert b"There is no such page here" in answer.data
    assert answer.headers["X-Request-Id"].encode() in answer.data


def test_a_wrong_method_is_405_and_names_the_right_ones(probe_client):
    answer = probe_client.put("/api/probe/things")
    assert (answer.status_code, fault(answer)["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_a_fault_says_nothing_about_the_inside(probe_client):
    answer = probe_client.get("/api/probe/fault")
    assert answer.status_code == 500
    assert set(fault(answer)) == {"code", "message", "request_id"}
    assert fault(answer)["code"] == "internal"
    for word in (b"Traceback", b"RuntimeError", b"abc.def", b"4242"):
        assert word not in answer.data


def test_only_development_shows_the_trace(stores, make_app):
    served = make_app(replace(stores, profile="development")).test_client()
    assert "RuntimeError" in json.dumps(fault(served.get("/api/probe/fault"))["details"]["trace"])
    served = make_app(replace(stores, profile="production", sandbox_provider_enabled=False)).test_client()
    assert "details" not in fault(served.get("/api/probe/fault"))


def test_a_refusal_keeps_its_code_details_and_wait(probe_client):
    answer = probe_client.post("/api/probe/things", json={"name": "lost", "count": 1})
    assert (answer.status_code, fault(answer)["code"]) == (409, "conflict")
    assert fault(answer)["details"] == {"retry_after_seconds": 7}
    assert "fields" not in fault(answer)
    assert answer.headers["Retry-After"] == "7"


def test_an_engine_that_is_away_is_503(probe_client):
    answer = probe_client.post("/api/probe/things", json={"name": "search", "count": 1})
    assert (answer.status_code, fault(answer)["code"]) == (503, "search_unavailable")


def test_every_refusal_in_the_code_is_listed_with_its_status():
    def below(kind):
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    for refusal in below(DomainError):
        if refusal.__module__.startswith("app."):
            assert refusal.code in ERRORS, f"{refusal.__name__}: {refusal.code} is not in common/errors.json"
            assert ERRORS[refusal.code]["status"] == refusal.status, refusal.__name__


def test_the_list_of_codes_is_sorted_and_complete(project):
    text = (project / "common" / "errors.json").read_text(encoding="utf-8")
    listed = json.loads(text)
    assert list(listed) == sorted(listed)
    for code, entry in listed.items():
        assert code.isidentifier() and code == code.lower()
        assert 400 <= entry["status"] <= 599 and entry["message"].endswith(".")
