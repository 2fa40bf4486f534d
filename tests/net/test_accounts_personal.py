"""Picture, addresses, devices, documents, consents, copies and the end of an account over HTTP."""

import struct
import zlib
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from PIL import Image

from app.models.accounts import User, UserSession
from app.plugins import private_files, uploads
from app.services import accounts as account_service
from app.services.accounts import consents
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.net.conftest import PASSWORD
from tests.people import ADDRESS, code_to, fresh_email, fresh_phone, picture, token_to

NUMBER = "L01X00T47"


@pytest.fixture
def person(sign_up):
    return sign_up()


@pytest.fixture
def other(sign_up):
    return sign_up()


@pytest.fixture
def staff(sign_up):
    return sign_up(is_admin=True)


def upload(client, method, path, person, files, **fields):
    data = {name: (BytesIO(content), f"{name}.jpg") for name, content in files.items()} | fields
    return client.open(
        path, method=method, data=data, content_type="multipart/form-data", headers=person.headers if person else {}
    )


def put_picture(client, person, content):
    return upload(client, "PUT", "/api/user/picture", person, {"file": content})


def png(width, height, rows):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def zipped() -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("evil.txt", "x" * 100)
    return out.getvalue()


HOSTILE = {
    "empty": (b"", 415),
    "text": (b"<html><script>alert(1)</script></html>", 415),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415),
    "half a jpeg": (picture()[:500], 415),
    "a broken png": (png(10, 10, b"\0" * 3), 415),
    "jpeg and zip": (picture() + zipped(), 415),
    "png and zip": (picture("PNG") + zipped(), 415),
    "gif and html": (picture("GIF") + b"<html><script>alert(1)</script></html>", 415),
    "jpeg with a page in its comment": (picture("JPEG", comment=b"<!doctype html><p>hi"), 415),
    "jpeg and php": (picture() + b"<?php system($_GET[0]);", 415),
    "a bomb of pixels": (png(30_000, 30_000, b"\0" * 1_000_000), 413),
    "a long bomb": (png(16_001, 10, b"\0" * 1000), 413),
    "6 MB": (picture() + b"\0" * 6_000_000, 413),
    "12 MB": (b"\0" * 12_000_000, 413),
}


def stored_files(settings) -> set[str]:
    folders = (uploads.folder_of(settings), private_files.folder_of(settings))
    return {str(path) for folder in folders for path in folder.rglob("*") if path.is_file()}


# picture


def test_a_picture_is_put_shown_to_everybody_and_removed(client, person):
    answer = put_picture(client, person, picture())
    assert answer.status_code == 200
    sizes = answer.json["data"]
    shown = client.application.test_client().get(sizes["thumb"])
    assert (shown.status_code, shown.mimetype, Image.open(BytesIO(shown.data)).size) == (200, "image/webp", (320, 240))
    assert client.get("/api/auth/me", headers=person.headers).json["data"]["avatar"] == sizes["card"]
    assert client.delete("/api/user/picture", headers=person.headers).status_code == 204
    assert client.get(sizes["thumb"]).status_code == 404


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pictures_leave_no_file(client, stores, person, name):
    content, status = HOSTILE[name]
    before = stored_files(stores)
    answer = put_picture(client, person, content)
    assert answer.status_code == status, answer.text
    assert answer.json["error"]["code"] in ("upload_refused", "upload_too_big", "too_large")
    assert stored_files(stores) == before
    assert User.find(person.id).avatar is None


def test_a_picture_is_a_file_of_a_form(client, person):
    assert client.put("/api/user/picture", json={"file": "x"}, headers=person.headers).status_code == 415
    answer = client.put(
        "/api/user/picture", data={"file": "text"}, content_type="multipart/form-data", headers=person.headers
    )
    assert (answer.status_code, set(answer.json["error"]["fields"])) == (422, {"file"})


# addresses


def test_addresses_are_kept_changed_and_removed(client, person):
    made = client.post("/api/user/addresses", json=ADDRESS, headers=person.headers)
    assert made.status_code == 201
    where = made.headers["Location"]
    assert client.get(where, headers=person.headers).json == made.json
    assert (made.json["data"]["default_billing"], made.json["data"]["default_delivery"]) == (True, True)
    body = {"city": "Chicago", "default_delivery": False}
    changed = client.patch(where, json=body, headers=person.headers).json["data"]
    assert (changed["city"], changed["name"], changed["default_delivery"]) == ("Chicago", "Ann Lee", False)
    replaced = client.put(where, json=ADDRESS | {"city": "Peoria"}, headers=person.headers).json["data"]
    assert (replaced["city"], replaced["default_billing"]) == ("Peoria", True)
    listed = client.get("/api/user/addresses", headers=person.headers).json
    assert (listed["data"], listed["page"]["total"]) == ([replaced], 1)
    assert client.delete(where, headers=person.headers).status_code == 204
    assert client.get(where, headers=person.headers).status_code == 404


def test_an_address_of_somebody_else_is_not_found(client, person, other):
    where = client.post("/api/user/addresses", json=ADDRESS, headers=person.headers).headers["Location"]
    for method in ("GET", "PATCH", "DELETE"):
        json = {"city": "Chicago"} if method == "PATCH" else None
        assert client.open(where, method=method, json=json, headers=other.headers).status_code == 404, method


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"country": "xx"}, {"country"}),
        ({"country": "XX"}, {"country"}),
        ({"postcode": "1"}, {"postcode"}),
        ({"name": " ", "city": ""}, {"name", "city"}),
        ({"planet": "Mars"}, {"planet"}),
    ],
)
def test_addresses_that_are_none(client, person, changes, fields):
    answer = client.post("/api/user/addresses", json=ADDRESS | changes, headers=person.headers)
    assert (answer.status_code, set(answer.json["error"]["fields"])) == (422, fields)


# email and phone


def email_of(client, person) -> str:
    return client.get("/api/user/profile", headers=person.headers).json["data"]["email"]


def test_an_email_is_changed_by_its_link_and_undone_by_the_old_one(client, person):
    old, new = email_of(client, person), fresh_email()
    answer = client.post("/api/user/email", json={"email": new}, headers=person.headers)
    assert (answer.status_code, answer.json["data"]) == (202, {"pending": new})
    assert client.get("/api/user/profile", headers=person.headers).json["data"]["pending_email"] == new
    stranger = client.application.test_client()
    body = {"token": token_to(new, "email_to_confirm")}
    assert stranger.post("/api/user/email/confirm", json=body).status_code == 204
    assert email_of(client, person) == new
    assert stranger.post("/api/user/email/confirm", json=body).json["error"]["code"] == "token_invalid"
    undo = {"token": token_to(old, "contact_changing")}
    assert stranger.post("/api/user/contacts/undo", json=undo).status_code == 204
    assert client.get("/api/auth/me", headers=person.headers).json["error"]["code"] == "session_ended"
    assert User.find(person.id).email == old


@pytest.mark.parametrize("path", ["/api/user/email", "/api/user/phone", "/api/user/exports"])
def test_what_is_delicate_wants_a_fresh_proof(client, person, path):
    session = next(iter(UserSession.objects(user_id=person.id)))
    session.update_if_unchanged(proved_at=utc_now() - timedelta(minutes=11))
    body = {"email": fresh_email()} if "email" in path else {"phone": fresh_phone()}
    answer = client.post(path, json=body, headers=person.headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "proof_required")
    assert client.post("/api/auth/prove", json={"password": PASSWORD}, headers=person.headers).status_code == 204
    assert client.post(path, json=body, headers=person.headers).status_code == 202


def test_a_profile_is_no_way_around_the_proof_of_a_phone(client, person):
    def patch(**changes):
        answer = client.patch("/api/user/profile", json=changes, headers=person.headers)
        return answer.status_code, (answer.json.get("error") or {}).get("code")

    phone = fresh_phone()
    assert patch(phone=phone) == (200, None)
    confirmed = client.post("/api/user/phone/confirm", json={"code": code_to(phone)}, headers=person.headers)
    assert confirmed.status_code == 204
    session = next(iter(UserSession.objects(user_id=person.id)))
    session.update_if_unchanged(proved_at=utc_now() - timedelta(minutes=11))
    for other in (fresh_phone(), None, ""):
        assert patch(phone=other, city="Ulm") == (403, "proof_required")
    assert patch(phone=f"{phone[:2]} {phone[2:]}", city="Ulm") == (200, None)
    assert User.find(person.id).phone == phone


def test_a_phone_is_changed_by_its_code(client, person):
    phone = fresh_phone()
    answer = client.patch("/api/user/profile", json={"phone": phone}, headers=person.headers).json["data"]
    assert (answer["phone"], answer["pending_phone"]) == (None, phone)
    wrong = f"{(int(code_to(phone)) + 1) % 1_000_000:06d}"
    for body, status in (({"code": wrong}, 422), ({"code": "12345"}, 422), ({"code": code_to(phone)}, 204)):
        assert client.post("/api/user/phone/confirm", json=body, headers=person.headers).status_code == status
    changed = client.get("/api/user/profile", headers=person.headers).json["data"]
    assert (changed["phone"], changed["pending_phone"]) == (phone, "")


def test_a_made_up_token_does_nothing(client):
    for path in ("/api/user/email/confirm", "/api/user/contacts/undo"):
        answer = client.post(path, json={"token": "x" * 43})
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "token_invalid")


# profiles of a role


def test_profiles_of_students_and_staff(client, person, sign_up):
    student = client.patch("/api/user/student-profile", json={"bio": "Dances."}, headers=person.headers)
    assert student.json["data"] == {"level": "", "bio": "Dances."}
    assert client.get("/api/user/staff-profile", headers=person.headers).status_code == 404
    teacher = sign_up(is_teacher=True)
    body = {"bio": "x" * 1530, "listing": True, "tax_doc": "DE-12-345-678"}
    answer = client.patch("/api/user/staff-profile", json=body, headers=teacher.headers)
    assert answer.json["data"] == {"bio": "x" * 1530, "listing": True, "has_tax_doc": True}
    assert "345-678" not in answer.text
    assert "345-678" not in client.get("/api/auth/me", headers=teacher.headers).text
    for path, size in (("student", 761), ("staff", 1531)):
        answer = client.patch(f"/api/user/{path}-profile", json={"bio": "x" * size}, headers=teacher.headers)
        assert answer.status_code == 422


# devices


def device(**changes):
    return {"device_id": "d1", "platform": "ios", "push_token": new_id(), "app_version": "1.0"} | changes


def test_devices_are_registered_and_forgotten(client, person, other):
    body = device()
    for method in ("POST", "PUT"):
        answer = client.open("/api/auth/device", method=method, json=body, headers=person.headers)
        assert (answer.status_code, answer.json["data"]["can_push"]) == (200, True)
        assert body["push_token"] not in answer.text
    assert len(client.get("/api/auth/device", headers=person.headers).json["data"]) == 1
    assert client.delete("/api/auth/device/d1", headers=other.headers).status_code == 404
    assert client.post("/api/auth/device", json=body, headers=other.headers).status_code == 200
    assert client.get("/api/auth/device", headers=person.headers).json["data"][0]["can_push"] is False
    assert client.delete("/api/auth/device/d1", headers=person.headers).status_code == 204
    assert client.delete("/api/auth/device/d1", headers=person.headers).status_code == 404


@pytest.mark.parametrize("changes", [{"platform": "fridge"}, {"device_id": "a/b"}, {"device_id": ""}, {"x": 1}])
def test_devices_that_are_none(client, person, changes):
    assert client.post("/api/auth/device", json=device(**changes), headers=person.headers).status_code == 422


# identity check


def send_document(client, person, method="POST", files=None, **fields):
    files = {"front_image": picture(), "back_image": picture("PNG")} if files is None else files
    values = {"document_type": "id_card", "number": NUMBER} | fields
    return upload(client, method, "/api/auth/kyc", person, files, **values)


def test_an_identity_check_from_end_to_end(client, person, staff, refresh_index):
    assert client.get("/api/auth/kyc-status", headers=person.headers).json["data"]["status"] == "none"
    sent = send_document(client, person)
    assert (sent.status_code, sent.json["data"]["status"], sent.json["data"]["number_tail"]) == (201, "pending", "0T47")
    assert NUMBER not in sent.text
    assert send_document(client, person, "PATCH").status_code == 409
    refresh_index()
    after, listed = None, []
    while True:
        page = client.get(
            "/api/admin/kyc", query_string={"status": "pending", "size": 100, **({"after": after} if after else {})},
            headers=staff.headers,
        ).json  # fmt: skip
        listed += [case["user_id"] for case in page["data"]]
        after = page["page"]["next"]
        if after is None:
            break
    assert person.id in listed
    base = f"/api/admin/kyc/{person.id}"
    short = client.post(f"{base}/reject", json={"reason": "No"}, headers=staff.headers)
    assert (short.status_code, set(short.json["error"]["fields"])) == (422, {"reason"})
    assert client.post(f"{base}/reject", json={"reason": "Blurred."}, headers=staff.headers).status_code == 200
    status = client.get("/api/auth/kyc-status", headers=person.headers).json["data"]
    assert (status["status"], status["reason"]) == ("rejected", "Blurred.")
    assert send_document(client, person, "PATCH").status_code == 200
    approved = client.post(f"{base}/approve", headers=staff.headers)
    assert (approved.status_code, approved.json["data"]["status"]) == (200, "approved")
    assert client.post(f"{base}/approve", headers=staff.headers).json["error"]["code"] == "kyc_state"


def test_a_document_is_seen_by_its_owner_and_the_reviewers_only(client, person, other, staff):
    send_document(client, person)
    own = client.get("/api/auth/kyc/images/front", headers=person.headers)
    assert (own.status_code, own.mimetype, own.headers["Cache-Control"]) == (200, "image/webp", "no-store")
    assert client.get("/api/auth/kyc/images/front", headers=other.headers).status_code == 404
    assert client.get("/api/auth/kyc/images/inside", headers=person.headers).status_code == 404
    path = f"/api/admin/kyc/{person.id}/images/back"
    seen = client.get(path, headers=staff.headers)
    assert (seen.status_code, seen.headers["Cache-Control"]) == (200, "no-store")
    for who, status in ((person, 403), (other, 403)):
        assert client.get(path, headers=who.headers).status_code == status
    assert client.get(path).status_code == 401
    assert client.get(f"/api/admin/kyc/{new_id()}/images/back", headers=staff.headers).status_code == 404


def test_staff_do_not_decide_about_themselves(client, staff):
    send_document(client, staff)
    answer = client.post(f"/api/admin/kyc/{staff.id}/approve", headers=staff.headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "own_case")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_leave_no_file(client, stores, person, name):
    content, status = HOSTILE[name]
    before = stored_files(stores)
    answer = send_document(client, person, files={"front_image": picture(), "back_image": content})
    assert answer.status_code == (422 if name == "empty" else status), answer.text
    assert stored_files(stores) == before
    assert client.get("/api/auth/kyc-status", headers=person.headers).json["data"]["status"] == "none"


@pytest.mark.parametrize(
    ("fields", "named"),
    [({"number": "1"}, "number"), ({"number": "<script>"}, "number"), ({"document_type": "library"}, "document_type")],
)
def test_documents_that_are_none(client, person, fields, named):
    answer = send_document(client, person, **fields)
    assert (answer.status_code, set(answer.json["error"]["fields"])) == (422, {named})


# consents


def test_what_has_to_be_accepted_is_named_until_it_is(client, person):
    def missing():
        return client.get("/api/auth/me", headers=person.headers).json["data"]["terms_to_accept"]

    assert [text["kind"] for text in missing()] == ["terms", "privacy"]
    for text in client.get("/api/auth/terms").json["data"]:
        body = {"kind": text["kind"], "version": text["version"], "agreed": True}
        assert client.post("/api/user/consents", json=body, headers=person.headers).status_code == 201
    assert missing() == []
    body = {"kind": "terms", "version": "1999-01", "agreed": True}
    answer = client.post("/api/user/consents", json=body, headers=person.headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "terms_outdated")
    answers = client.get("/api/user/consents", headers=person.headers).json["data"]
    assert sorted(entry["kind"] for entry in answers) == ["marketing", "privacy", "terms"]
    assert {entry["how"] for entry in answers} == {"account"}


def test_switching_advertising_in_the_profile_is_on_record_too(client, person):
    def put(method, **values):
        body = {"first_name": "Cleo", "last_name": "Day"} | values
        return client.open("/api/user/profile", method=method, json=body, headers=person.headers).json["data"]

    assert put("PATCH", mail_promo=True)["mail_promo"] is True
    assert put("PATCH", mail_promo=False)["mail_promo"] is False
    assert put("PUT")["mail_promo"] is False  # nobody agrees by saying nothing
    assert put("PATCH", city="Ulm")["mail_promo"] is False
    assert put("PUT", mail_promo=True)["mail_promo"] is True
    answers = client.get("/api/user/consents", headers=person.headers).json["data"]
    version = consents.versions_in_force(utc_now())["marketing"].version
    shown = [(entry["kind"], entry["version"], entry["agreed"], entry["how"]) for entry in answers]
    assert shown == [("marketing", version, True, "account"), ("marketing", version, False, "account")]
    assert {row.address for row in consents.list_answers(person.id)} == {"127.0.0.1"}


def test_terms_accepted_at_sign_up_are_on_record(client):
    version = consents.versions_in_force(utc_now())["terms"].version
    body = {"email": fresh_email(), "password": PASSWORD, "accepted_terms": version}
    joined = client.post("/api/auth/register", json=body).json["data"]
    headers = {"Authorization": f"Bearer {joined['access_token']}"}
    (entry,) = client.get("/api/user/consents", headers=headers).json["data"]
    assert (entry["kind"], entry["version"], entry["agreed"], entry["how"]) == ("terms", version, True, "sign_up")


def test_outdated_terms_sign_nobody_up(client):
    body = {"email": fresh_email(), "password": PASSWORD, "accepted_terms": "1999-01"}
    assert client.post("/api/auth/register", json=body).json["error"]["code"] == "terms_outdated"
    assert account_service.names.find_holder(body["email"]) is None


# the end of an account


def test_a_copy_is_asked_for_once_at_a_time(client, person, other):
    assert client.get("/api/user/exports", headers=person.headers).json["data"] == []
    first = client.post("/api/user/exports", headers=person.headers)
    assert (first.status_code, first.json["data"]["status"]) == (202, "queued")
    again = client.post("/api/user/exports", headers=person.headers)
    assert (again.status_code, again.json["error"]["code"]) == (409, "export_running")
    path = f"/api/user/exports/{first.json['data']['id']}"
    assert client.get(path, headers=person.headers).json["data"]["done"] == 0
    assert client.get(f"{path}/download", headers=person.headers).json["error"]["code"] == "export_not_ready"
    assert client.get("/api/user/exports", headers=person.headers).json["data"] == [first.json["data"]]
    assert client.get("/api/user/exports", headers=other.headers).json["data"] == []
    for hidden in (path, f"{path}/download"):
        assert client.get(hidden, headers=other.headers).status_code == 404


def test_an_account_ends_by_password(client, person):
    for body, status in (({"password": "wrong"}, 401), ({"password": PASSWORD}, 204)):
        assert client.delete("/api/auth/account", json=body, headers=person.headers).status_code == status
    assert client.get("/api/auth/me", headers=person.headers).status_code in (401, 403)
    assert User.find(person.id).status == "inactive"


def test_an_account_ends_by_a_fresh_proof_only(client, person):
    session = next(iter(UserSession.objects(user_id=person.id)))
    session.update_if_unchanged(proved_at=utc_now() - timedelta(minutes=11))
    answer = client.delete("/api/auth/account", json={}, headers=person.headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "proof_required")
    client.post("/api/auth/prove", json={"password": PASSWORD}, headers=person.headers)
    assert client.delete("/api/auth/account", json={}, headers=person.headers).status_code == 204
