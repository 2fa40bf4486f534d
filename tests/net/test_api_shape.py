"""The wire's shape and the common behaviour of every endpoint (spec: api, 1 and 2)."""

import json

import pytest

THING = {"name": "kettle", "count": 3}


def fault(answer):
    return answer.get_json()["error"]


def test_one_thing_is_wrapped_in_data_and_writes_money_and_instants_as_agreed(probe_client):
    answer = probe_client.get("/api/probe/things/abc")
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert answer.get_json() == {
        "data": {"id": "abc", "name": "thing", "count": 1, "price": "12.50", "at": "2026-01-31T12:00:00Z"}
    }


def test_a_new_thing_is_answered_with_201_and_its_path(probe_client):
    answer = probe_client.post("/api/probe/things", json=THING)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/probe/things/{answer.get_json()['data']['id']}"


def test_removing_is_answered_with_204_and_nothing_else(probe_client):
    answer = probe_client.delete("/api/probe/things/abc")
    assert (answer.status_code, answer.data) == (204, b"")


def test_a_list_says_where_it_stands(probe_client):
    body = probe_client.get("/api/probe/things?size=2").get_json()
    assert [entry["name"] for entry in body["data"]] == ["thing-01", "thing-02"]
    assert (body["page"]["size"], body["page"]["total"]) == (2, 25)
    assert isinstance(body["page"]["next"], str)


@pytest.mark.parametrize("body", ["{", "", "{'name': 1}", "nonsense", '{"name": "\\ud800"}', b"\xff\xfe{}"])
def test_a_body_that_is_no_json_is_400(probe_client, body):
    answer = probe_client.post("/api/probe/things", data=body, content_type="application/json")
    assert (answer.status_code, fault(answer)["code"]) == (400, "bad_request")
    assert "fields" not in fault(answer)


@pytest.mark.parametrize("body", ["[]", "1", '"text"', "null"])
def test_a_body_that_is_no_object_is_422(probe_client, body):
    answer = probe_client.post("/api/probe/things", data=body, content_type="application/json")
    assert (answer.status_code, list(fault(answer)["fields"])) == (422, ["body"])


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_415(probe_client, content_type):
    answer = probe_client.post("/api/probe/things", data=json.dumps(THING), content_type=content_type)
    assert (answer.status_code, fault(answer)["code"]) == (415, "unsupported_type")


def test_a_form_where_a_file_is_due_is_415_for_json(probe_client):
    assert probe_client.post("/api/probe/uploads", json=THING).status_code == 415


@pytest.mark.parametrize(("size", "status"), [(1024 * 1024, 201), (1024 * 1024 + 1, 413)])
def test_json_ends_at_one_mebibyte(probe_client, size, status):
    body = json.dumps(THING).encode()
    answer = probe_client.post(
        "/api/probe/things", data=body + b" " * (size - len(body)), content_type="application/json"
    )
    assert answer.status_code == status
    if status == 413:
        assert fault(answer)["code"] == "too_large"


def test_all_faulty_fields_are_named_at_once_by_their_paths(probe_client):
    body = {"name": " ", "count": "3", "colour": "red", "parts": [{"size": 1}, {"size": 0}], "ratio": "0.1"}
    answer = probe_client.post("/api/probe/things", json=body)
    assert answer.status_code == 422
    assert set(fault(answer)["fields"]) == {"name", "count", "colour", "parts.1.size", "ratio"}
    assert fault(answer)["fields"]["name"] == ["must not be blank"]
    assert fault(answer)["fields"]["colour"] == ["is not a known field"]


def test_a_missing_field_is_named(probe_client):
    answer = probe_client.post("/api/probe/things", json={"count": 1})
    assert fault(answer)["fields"] == {"name": ["is required"]}


def test_texts_are_trimmed(probe_client):
    answer = probe_client.post("/api/probe/things", json=THING | {"name": "  kettle \n"})
    assert answer.get_json()["data"]["name"] == "kettle"


def test_optional_text_may_be_blank(probe_client):
    assert probe_client.post("/api/probe/things", json=THING | {"note": "  "}).status_code == 201


@pytest.mark.parametrize("price", ["12.50", "0", "-3.5", "999999999999999.9999"])
def test_money_is_decimal_text(probe_client, price):
    answer = probe_client.post("/api/probe/things", json=THING | {"price": price})
    assert answer.get_json()["data"]["price"] == price


@pytest.mark.parametrize("price", [12.5, 12, "12,50", "1e3", "", "12.", "٣"])
def test_other_money_is_refused(probe_client, price):
    answer = probe_client.post("/api/probe/things", json=THING | {"price": price})
    assert (answer.status_code, list(fault(answer)["fields"])) == (422, ["price"])


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("2026-01-31T12:00:00Z", 201),
        ("2026-01-31T14:00:00+02:00", 201),
        ("2026-01-31T12:00:00", 422),
        ("yesterday", 422),
        (1769860800, 422),
    ],
)
def test_instants_name_their_zone(probe_client, text, status):
    answer = probe_client.post("/api/probe/things", json=THING | {"at": text})
    assert answer.status_code == status
    if status == 201:
        assert answer.get_json()["data"]["at"] == "2026-01-31T12:00:00Z"


def test_unknown_query_names_are_ignored(probe_client):
    assert probe_client.get("/api/probe/things?utm_source=mail&size=1").status_code == 200


def test_all_faulty_query_names_are_named_at_once(probe_client):
    answer = probe_client.get("/api/probe/things?size=101&sort=colour&min_count=-1")
    assert answer.status_code == 422
    assert set(fault(answer)["fields"]) == {"size", "sort", "min_count"}


def test_a_path_that_can_be_no_id_is_404(probe_client):
    answer = probe_client.get("/api/probe/things/" + "x" * 65)
    assert (answer.status_code, fault(answer)["code"]) == (404, "not_found")


@pytest.mark.parametrize("given", ["2026-01-31T12:00:00Z", '"2026-01-31T12:00:00Z"', "*", None])
def test_an_update_of_the_state_seen_passes(probe_client, given):
    headers = {"If-Match": given} if given else {}
    assert probe_client.patch("/api/probe/things/abc", json=THING, headers=headers).status_code == 200


def test_an_update_of_an_older_state_is_stale(probe_client):
    answer = probe_client.patch("/api/probe/things/abc", json=THING, headers={"If-Match": "2026-01-31T11:59:59Z"})
    assert (answer.status_code, fault(answer)["code"]) == (409, "stale")
    assert fault(answer)["details"] == {"updated_at": "2026-01-31T12:00:00Z"}


def test_head_and_options_work(probe_client):
    head = probe_client.head("/api/probe/things/abc")
    assert (head.status_code, head.data) == (200, b"")
    options = probe_client.options("/api/probe/things/abc")
    assert options.status_code == 200
    assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PATCH", "DELETE"}


def test_access_is_decided_before_the_body_is_read(probe_client, sign_up):
    anonymous = probe_client.post("/api/probe/private", data="{", content_type="application/json")
    assert (anonymous.status_code, fault(anonymous)["code"]) == (401, "unauthenticated")
    known = probe_client.post(
        "/api/probe/private", data="{", content_type="application/json", headers=sign_up().headers
    )
    assert known.status_code == 400
