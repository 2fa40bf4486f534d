"""Catalog files over HTTP: sent, followed, reported on; by their seller only."""

import threading
from io import BytesIO

import pytest

from tests.factories import make_store


@pytest.fixture
def seller(sign_up):
    person = sign_up(is_seller=True)
    make_store(person.id)
    return person


def send(client, person, content: bytes, **fields):
    form = {"kind": "product", "file": (BytesIO(content), "catalog.csv"), **fields}
    headers = person.headers if person else {}
    return client.post("/api/seller/imports", data=form, headers=headers, content_type="multipart/form-data")


def finished(client, person, run_id: str) -> dict:
    for thread in threading.enumerate():
        if thread.name == f"import-{run_id}":
            thread.join(timeout=60)
    return client.get(f"/api/seller/imports/{run_id}", headers=person.headers).json["data"]


def test_a_file_is_imported_and_reported_on(client, seller, refresh_index):
    answer = send(client, seller, 'sku,name,price\nA,"Café “Oxford” 💃",5\nB,,x\n'.encode())
    assert answer.status_code == 202
    assert answer.json["data"]["status"] == "queued"
    run = finished(client, seller, answer.json["data"]["id"])
    assert (run["status"], run["done"], run["total"]) == ("done", 2, 2)
    assert run["counts"] == {
        "rows": 2, "created": 1, "updated": 0, "unchanged": 0, "refused": 1, "repeated": 0, "faults": 2
    }  # fmt: skip
    faults = client.get(f"/api/seller/imports/{run['id']}/faults?size=1", headers=seller.headers).json
    assert faults["page"]["total"] == 2
    assert faults["data"][0] == {
        "row": 3, "line": 3, "column": "price", "code": "bad_price", "warning": False,
        "message": "“x”: An amount is written with digits and one point, such as 19.99.",
    }  # fmt: skip
    more = client.get(
        f"/api/seller/imports/{run['id']}/faults?size=1&after={faults['page']['next']}", headers=seller.headers
    ).json
    assert [fault["column"] for fault in more["data"]] == ["title"]
    refresh_index()
    listed = client.get("/api/seller/imports", headers=seller.headers).json["data"]
    assert [each["id"] for each in listed] == [run["id"]]


def test_others_see_nothing_of_it(client, seller, sign_up):
    run_id = send(client, seller, b"sku,name,price\nA,Lamp,5\n").json["data"]["id"]
    finished(client, seller, run_id)
    other = sign_up(is_seller=True)
    for path in (run_id, f"{run_id}/faults"):
        assert client.get(f"/api/seller/imports/{path}", headers=other.headers).status_code == 404
        assert client.get(f"/api/seller/imports/{path}", headers=sign_up().headers).status_code == 403
        assert client.get(f"/api/seller/imports/{path}").status_code == 401
    assert send(client, other, b"sku,name,price\nA,Lamp,5\n").status_code == 404
    assert send(client, None, b"x").status_code in (401, 403)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"sku,price\nA,5\n", "import_column_missing"),
        ("sku,name,price\nA,Café,5\n".encode("latin-1"), "import_wrong_encoding"),
        (b"\n", "import_unreadable"),
        (b"", "invalid"),
    ],
)
def test_files_that_cannot_be_read_are_refused_at_once(content, code, client, seller):
    answer = send(client, seller, content)
    assert (answer.status_code, answer.json["error"]["code"]) == (422, code)


def test_a_wrong_encoding_names_its_line(client, seller):
    content = b"sku,name,price\n" + b"A,Lamp,5\n" * 3 + "B,Größe,5\n".encode("cp1252")
    answer = send(client, seller, content)
    assert answer.json["error"]["details"] == {"line": 5, "byte": 46}
    assert "Line 5" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("fields", "named"), [({"kind": "order"}, "kind"), ({"file": "text"}, "file"), ({"x": "1"}, "x")]
)
def test_wrong_fields_are_named(fields, named, client, seller):
    answer = send(client, seller, b"sku,name,price\nA,Lamp,5\n", **fields)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [named])


def test_the_template_downloads(client, seller):
    answer = client.get("/api/seller/imports/template?kind=course", headers=seller.headers)
    assert answer.mimetype == "text/csv"
    assert answer.text.startswith("slug,title,price,")
