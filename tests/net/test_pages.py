"""Pages, cursors and orders (spec: api, 2)."""

import pytest


def fault(answer):
    return answer.get_json()["error"]


def page(client, query):
    answer = client.get(f"/api/probe/things?{query}")
    assert answer.status_code == 200, answer.data
    body = answer.get_json()
    return [entry["name"] for entry in body["data"]], body["page"]["next"]


def test_following_the_cursor_shows_everything_once(probe_client):
    seen, cursor = [], None
    for _ in range(10):
        names, cursor = page(probe_client, f"size=7{f'&after={cursor}' if cursor else ''}")
        seen += names
        if cursor is None:
            break
    assert seen == [f"thing-{number:02}" for number in range(1, 26)]


def test_twenty_is_the_size_unless_asked(probe_client):
    assert len(page(probe_client, "")[0]) == 20


@pytest.mark.parametrize(
    ("size", "status"), [("1", 200), ("100", 200), ("0", 422), ("101", 422), ("x", 422), ("", 422)]
)
def test_a_page_has_1_to_100_entries(probe_client, size, status):
    answer = probe_client.get(f"/api/probe/things?size={size}")
    assert answer.status_code == status
    if status == 422:
        assert list(fault(answer)["fields"]) == ["size"]


def test_the_size_may_change_on_the_way(probe_client):
    _, cursor = page(probe_client, "size=5")
    names, _ = page(probe_client, f"size=3&after={cursor}")
    assert names == ["thing-06", "thing-07", "thing-08"]


@pytest.mark.parametrize("change", ["sort=-name", "min_count=1"])
def test_a_cursor_of_other_filters_or_another_order_is_refused(probe_client, change):
    _, cursor = page(probe_client, "size=5")
    answer = probe_client.get(f"/api/probe/things?after={cursor}&{change}")
    assert (answer.status_code, fault(answer)["code"]) == (422, "bad_cursor")


def test_a_cursor_of_another_list_is_refused(probe_client):
    _, cursor = page(probe_client, "size=5")
    answer = probe_client.get(f"/api/probe/table?after={cursor}")
    assert answer.status_code == 200  # this list pages by number and reads no cursor
    answer = probe_client.get(f"/api/probe/things?size=5&after={cursor}x")
    assert (answer.status_code, fault(answer)["code"]) == (422, "bad_cursor")


@pytest.mark.parametrize("cursor", ["x", "eyJhIjoxfQ", "WyJhIl0.aaaa.bbbb", "%00", "a" * 2000])
def test_a_forged_cursor_is_refused(probe_client, cursor):
    answer = probe_client.get(f"/api/probe/things?after={cursor}")
    assert (answer.status_code, fault(answer)["code"]) == (422, "bad_cursor")


def test_an_endless_cursor_is_refused(probe_client):
    assert probe_client.get(f"/api/probe/things?after={'a' * 2001}").status_code == 422


@pytest.mark.parametrize(("sort", "first"), [("name", "thing-01"), ("-name", "thing-25")])
def test_the_order_comes_from_a_list(probe_client, sort, first):
    assert page(probe_client, f"sort={sort}")[0][0] == first


@pytest.mark.parametrize("sort", ["colour", "--name", "", "name,count"])
def test_another_order_is_refused(probe_client, sort):
    answer = probe_client.get(f"/api/probe/things?sort={sort}")
    assert (answer.status_code, list(fault(answer)["fields"])) == (422, ["sort"])


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("page=100&size=100", None),
        ("page=101&size=100", "page_too_deep"),
        ("page=0", "invalid"),
        ("page=2&size=20", None),
    ],
)
def test_pages_by_number_end_at_entry_10000(probe_client, query, code):
    answer = probe_client.get(f"/api/probe/table?{query}")
    assert answer.status_code == (422 if code else 200)
    if code:
        assert fault(answer)["code"] == code
