"""The API describes itself, whole and up to date (spec: api, 2)."""

import json
import re

import pytest

from app.net.openapi import DOCUMENT_FILE, document_text
from tests.net.probe import probe

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def document(app):
    return app.test_client().get("/api/openapi.json").get_json()


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield f"{method.upper()} {path}", method, operation


def test_it_is_openapi_3_1_and_names_every_api_route(app, document):
    assert document["openapi"].startswith("3.1")
    routes = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and not rule.rule.startswith(("/api/docs", "/api/openapi", "/api/probe"))
    }
    described = {path for path in document["paths"] if not path.startswith("/api/probe")}
    assert routes == described


def test_every_operation_is_complete(document):
    seen = set()
    for name, method, operation in operations(document):
        assert operation["summary"], name
        assert operation["tags"], name
        assert operation["operationId"] not in seen, f"{name}: {operation['operationId']} is taken"
        seen.add(operation["operationId"])
        successes = [status for status in operation["responses"] if status[0] in "23"]
        assert successes, f"{name} documents no success"
        assert {"429", "500", "503"} <= operation["responses"].keys(), name
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= operation["responses"].keys(), name
        if "{" in name:
            assert "404" in operation["responses"], name
        if operation["security"] and {} not in operation["security"]:
            assert "401" in operation["responses"], name
            if method != "get":
                assert {"cookie": [], "csrf": []} in operation["security"] or {"cookie": []} in operation["security"]


def test_every_refusal_has_the_one_shape(document):
    for name, _method, operation in operations(document):
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and (name, status) != ("GET /api/app/health", "503"):
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/ErrorAnswer"}, f"{name} {status}"
            assert "X-Request-Id" in answer["headers"], f"{name} {status}"


def test_every_reference_leads_somewhere(document):
    schemas = document["components"]["schemas"]
    for target in re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)):
        assert target in schemas


def test_created_things_say_where_they_are(document):
    for name, _method, operation in operations(document):
        if created := operation["responses"].get("201"):
            assert "Location" in created["headers"], name


def test_marked_operations_take_a_key(probe_app):
    document = probe_app.test_client().get("/api/openapi.json").get_json()
    posted = document["paths"]["/api/probe/things"]["post"]
    (key,) = [parameter for parameter in posted["parameters"] if parameter["name"] == "Idempotency-Key"]
    assert (key["in"], key["required"], key["schema"]["maxLength"]) == ("header", False, 64)
    assert {"409", "422"} <= posted["responses"].keys()
    assert not any(
        parameter["name"] == "Idempotency-Key"
        for parameter in document["paths"]["/api/probe/things/{thing_id}"]["patch"]["parameters"]
    )
    assert probe.name == "probe"


def test_access_is_described(probe_app):
    document = probe_app.test_client().get("/api/openapi.json").get_json()
    assert set(document["components"]["securitySchemes"]) == {"bearer", "cookie", "csrf"}
    assert document["paths"]["/api/probe/things"]["post"]["security"] == []
    private = document["paths"]["/api/probe/private"]["post"]
    assert private["security"] == [{"cookie": [], "csrf": []}, {"bearer": []}]
    assert {"401", "403"} <= private["responses"].keys()


def test_required_text_is_described_as_not_blank(probe_app):
    schemas = probe_app.test_client().get("/api/openapi.json").get_json()["components"]["schemas"]
    name = schemas["ThingIn"]["properties"]["name"]
    assert (name["minLength"], name["maxLength"], name["pattern"]) == (1, 20, r"\S")
    assert schemas["ThingIn"]["additionalProperties"] is False


def test_the_checked_in_copy_is_current(app, project):
    current = document_text(app)
    kept = (project / DOCUMENT_FILE).read_text(encoding="utf-8")
    assert kept == current, f"write it again: python -m app.describe {DOCUMENT_FILE}"


def test_the_page_over_it_brings_its_own_assets(client):
    page = client.get("/api/docs/")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.get_data(as_text=True))
    assert len(addresses) >= 4
    for address in addresses:
        assert address.startswith("/"), f"{address} is not ours"
        assert client.get(address).status_code == 200, address
    assert b"<script>" not in page.data and b"style=" not in page.data
    assert client.get("/api/docs").status_code in (301, 308)
