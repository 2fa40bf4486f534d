"""The whole life of a person, from sign-up to erasing, and then a search for them everywhere."""

import contextlib
import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from app.models import Order, Payment
from app.models.accounts import Erasure, LoginName, User
from app.models.accounts.privacy import DONE
from app.plugins import mail, sms
from app.services import privacy
from app.services.accounts import names
from app.services.privacy import registry
from app.services.privacy.erasing import BEGINS_AFTER, run_erasure
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests import traces
from tests.net.conftest import PASSWORD
from tests.people import code_to, fresh_phone, picture, token_to
from tests.purchases import deliver, make_goods, pay_page

KEPT_FOR_DAYS = {"idempotency_record"}
"""What the rule leaves: answers that are given again to who repeats a request with its key, for two days."""


class Life:
    """Somebody whose every word is unlike anybody else's."""

    def __init__(self, client, staff):
        self.client, self.staff = client, staff
        self.mark = mark = new_id().lower()
        self.first_email, self.email = f"zoe.{mark}@example.com", f"zora.{mark}@example.org"
        self.first_name, self.last_name = f"Zoë{mark}", f"Quux{mark}"
        self.phone, self.street, self.note = fresh_phone(), f"{mark} Elm Street", f"Ring twice {mark}"
        self.number, self.push_token, self.tablet = f"P{mark[-12:]}".upper(), f"push-{mark}", f"Tablet of {mark}"
        self.wrong_password = f"hunter2-{mark}"

    @property
    def needles(self) -> set[str]:
        return {
            self.mark, self.first_email, self.email, self.first_name, self.last_name, self.phone, self.phone[2:],
            self.street, self.note, self.number, self.push_token, self.tablet, self.wrong_password,
        }  # fmt: skip

    def ask(self, method, path, status, **more):
        answer = self.client.open(path, method=method, headers={**self.headers, **more.pop("headers", {})}, **more)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text[:400]}"
        return answer.json["data"] if answer.is_json and answer.status_code < 400 else answer

    def begin(self):
        body = {"email": self.first_email, "password": PASSWORD, "first_name": self.first_name, "client": "mobile"}
        body["device_name"] = self.tablet
        answer = self.client.post("/api/auth/register", json=body)
        assert answer.status_code == 201
        self.id = answer.json["data"]["user"]["id"]
        self.headers = {"Authorization": f"Bearer {answer.json['data']['access_token']}"}
        self.client.post("/api/auth/login", json={"email": self.first_email, "password": self.wrong_password})
        self.client.post("/api/auth/login", json={"username": self.email, "password": self.wrong_password})

    def fill_in(self):
        self.ask("PATCH", "/api/user/profile", 200, json={"last_name": self.last_name, "phone": self.phone})
        self.ask("POST", "/api/user/phone/confirm", 204, json={"code": code_to(self.phone)})
        self.ask("POST", "/api/user/email", 202, json={"email": self.email})
        token = token_to(self.email, "email_to_confirm")
        self.ask("POST", "/api/user/email/confirm", 204, json={"token": token})
        address = {"name": f"{self.first_name} {self.last_name}", "address_1": self.street, "city": "Peoria"}
        address |= {"area": "IL", "postcode": "61601", "country": "US", "phone": self.phone}
        self.ask("POST", "/api/user/addresses", 201, json=address)
        self.ask("PATCH", "/api/user/student-profile", 200, json={"bio": f"I am {self.first_name}."})
        self.ask("PUT", "/api/user/picture", 200, data={"file": (BytesIO(picture()), f"{self.mark}.jpg")})
        body = {"device_id": "d1", "platform": "ios", "push_token": self.push_token}
        self.ask("POST", "/api/auth/device", 200, json=body)
        for text in self.ask("GET", "/api/auth/terms", 200):
            body = {"kind": text["kind"], "version": text["version"], "agreed": True}
            self.ask("POST", "/api/user/consents", 201, json=body)

    def prove_identity(self):
        for decision, body in (("reject", {"reason": "The picture is blurred."}), ("approve", None)):
            form = {"document_type": "id_card", "number": self.number}
            form |= {side: (BytesIO(picture()), f"{self.mark}.jpg") for side in ("front_image", "back_image")}
            self.ask("POST", "/api/auth/kyc", 201, data=form)
            path = f"/api/admin/kyc/{self.id}/{decision}"
            assert self.client.post(path, json=body, headers=self.staff.headers).status_code == 200

    def buy(self):
        goods = make_goods()
        cart_item = {"kind": goods.kind, "ref_id": goods.id, "quantity": 1}
        faulty = {"items": [cart_item], "billing": {"nickname": self.first_name}}
        self.ask("POST", "/api/orders", 422, json=faulty)
        body = {"items": [cart_item], "note": self.note}
        body["billing"] = {"address_1": self.street, "city": "Peoria"}
        order = self.ask("POST", "/api/orders", 201, json=body, headers={"Idempotency-Key": new_id()})
        self.order_id = order["id"]
        return order

    def pay(self, order):
        payment = next(iter(_payments_of(order["id"])))
        deliver(payment.id, pay_page(payment, utc_now()), utc_now())


def _payments_of(order_id):
    return Payment.find_many(Order.find_serial(order_id).payment_ids)


@pytest.fixture
def talkative(stores, make_app):
    """An application that logs all there is to log."""
    yield make_app(replace(stores, log_json=True, log_level="DEBUG")).test_client()
    make_app(stores)


def later():
    return utc_now() + BEGINS_AFTER + timedelta(seconds=1)


def test_nothing_is_left_of_a_person_but_what_the_rule_keeps(talkative, stores, sign_up, refresh_index, tmp_path):
    life = Life(talkative, sign_up(is_admin=True))
    log_file = tmp_path / "product.log"
    with log_file.open("w", encoding="utf-8") as lines, contextlib.redirect_stderr(lines):
        live_and_leave(life, stores, refresh_index)
    after = everywhere(life, stores)
    assert after["tables"].keys() <= KEPT_FOR_DAYS, after["tables"]
    assert (after["indexes"], after["files"]) == ({}, {})
    assert log_file.read_text(encoding="utf-8").count('"event":"request"') > 20
    assert traces.in_files(life.needles, tmp_path) == {}
    assert_money_stays(life)
    assert_the_names_are_free(life, stores)


def live_and_leave(life, stores, refresh_index):
    life.begin()
    life.fill_in()
    life.prove_identity()
    order = life.buy()
    refresh_index()
    refused = life.ask("DELETE", "/api/auth/account", 409, json={"password": PASSWORD})
    assert refused.json["error"]["details"]["open"] == [{"kind": "order", "id": order["id"]}]
    life.pay(order)
    send_all_mails()
    assert_the_copy_holds_everything(life, stores, refresh_index)

    before = everywhere(life, stores)
    assert {"user", "market_order", "address_book", "mail_delivery", "login_name"} <= before["tables"].keys()
    assert len(before["indexes"]) >= 2 and before["files"]

    life.ask("DELETE", "/api/auth/account", 204, json={"password": PASSWORD})
    send_all_mails()
    refresh_index()
    tally = privacy.run_erasures(later(), settings=stores, clock=later)
    assert tally.done >= 1
    refresh_index()


def send_all_mails():
    while mail.drain(utc_now()).done:
        pass


def everywhere(life, stores):
    return {
        "tables": traces.in_cassandra(life.needles),
        "indexes": traces.in_elasticsearch(life.needles),
        "files": traces.in_files(life.needles, stores.data_folder),
    }


def assert_the_copy_holds_everything(life, stores, refresh_index):
    export = life.ask("POST", "/api/user/exports", 202)
    refresh_index()
    privacy.run_exports(utc_now(), settings=stores, clock=utc_now)
    path = f"/api/user/exports/{export['id']}"
    ready = life.ask("GET", path, 200)
    assert (ready["status"], ready["done"], ready["total"]) == ("ready", len(registry.PARTS), len(registry.PARTS))
    download = life.ask("GET", f"{path}/download", 200)
    assert download.headers["Cache-Control"] == "no-store"
    with ZipFile(BytesIO(download.data)) as archive:
        names_inside = set(archive.namelist())
        texts = {name: archive.read(name).decode() for name in names_inside if name.endswith(".json")}
    assert {f"{part.name}.json" for part in registry.PARTS} <= names_inside
    assert {"picture/full.webp", "kyc/front.webp", "kyc/back.webp"} <= names_inside
    assert all(json.loads(text) is not None for text in texts.values())
    whole = "\n".join(texts.values())
    for needle in life.needles - {life.wrong_password, life.phone[2:]}:
        assert needle in whole, needle
    assert json.loads(texts["orders.json"])[0]["billing"]["address_1"] == life.street
    assert not any(secret in whole for secret in ("argon2", "write_token", PASSWORD, "refresh_hash", "cookie_hash"))


def assert_money_stays(life):
    order = Order.find_serial(life.order_id)
    assert (order.status, order.user_id, order.total_cents) == ("paid", life.id, 1999)
    assert (order.email, order.billing_address, order.note) == (f"erased-{life.id}@erased.invalid".lower(), {}, "")
    user = User.find(life.id)
    assert (user.status, user.password_hash, user.phone, user.first_name) == ("inactive", None, None, "")


def assert_the_names_are_free(life, stores):
    taken = [f"{names.EMAIL}:{life.email}", f"{names.USERNAME}:{life.email}", f"{names.PHONE}:{life.phone}"]
    assert LoginName.find_many(taken) == []
    assert mail.mails_to(life.email) == sms.waiting_for(life.phone) == []
    assert run_erasure(life.id, settings=stores, clock=later) is None
    row = Erasure.find_serial(life.id)
    assert (row.status, len(row.done)) == (DONE, len(registry.PARTS))
