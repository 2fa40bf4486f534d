"""The main job from end to end, by plain HTTP and a real Socket.IO client: `python -m tests.tour [URL]`.

A buyer signs up as a browser does (cookie and CSRF token) and logs in as a mobile client does (bearer token); a seller
imports a small file with a refused line; the buyer finds an item with a typo, filters, fills the cart, orders and pays
on the sandbox provider's page; the socket tells, and the order is found again through the mirror. Prints each step.
The seller is the demo's unless named; `--mails FOLDER` also looks for the receipt (DATA_FOLDER/mail).
"""

import queue
import sys
import time
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path
from typing import Any

import click
import httpx
import socketio

from app.utils.ids import new_id

PASSWORD = "correct horse battery"
WAIT_SECONDS = 60.0

Say = Callable[[str], None]


class TourFailed(AssertionError):
    """A step did not end as it should."""


class Tour:
    """One walk through the product at `address`. Raises TourFailed."""

    def __init__(self, address: str, seller: tuple[str, str], say: Say, mails: Path | None = None) -> None:
        self.address, self.seller_login, self.say, self.mails = address.rstrip("/"), seller, say, mails
        self.browser = httpx.Client(base_url=self.address, timeout=60)
        self.mobile = httpx.Client(base_url=self.address, timeout=60)
        self.seller = httpx.Client(base_url=self.address, timeout=60)
        self.email = f"tour-{new_id()}@example.com".lower()
        self.mark = new_id()[-8:].lower()
        self.heard: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.socket = socketio.Client(reconnection=False)

    def walk(self) -> dict[str, Any]:
        """Every step was taken; returns the paid order."""
        try:
            self.sign_up()
            self.log_in()
            self.import_file()
            item = self.find()
            self.fill_cart(item)
            self.listen()
            order = self.order()
            self.pay(order)
            self.hear(order)
            self.find_order(order)
            self.find_mail(order)
            return order
        finally:
            if self.socket.connected:
                self.socket.disconnect()
            for client in (self.browser, self.mobile, self.seller):
                client.close()

    # the steps

    def sign_up(self) -> None:
        """As a browser: the session is a cookie, and writes carry a token."""
        self._asked(self.browser.post("/api/auth/register", json={"email": self.email, "password": PASSWORD}), 201)
        self._expect(bool(self.browser.cookies), "signing up sets a session cookie")
        profile = {"first_name": "Tuğçe", "last_name": "Tour"}
        refused = self.browser.patch("/api/user/profile", json=profile)
        self._expect(refused.status_code == 403, "a write by cookie alone is refused")
        token = self._asked(self.browser.get("/api/auth/csrf"), 200)["csrf_token"]
        headers = {"X-CSRF-Token": token}
        changed = self._asked(self.browser.patch("/api/user/profile", json=profile, headers=headers), 200)
        self._expect(changed["first_name"] == "Tuğçe", "the profile is changed with the CSRF token")
        self.say(f"signed up {self.email}: cookie session, CSRF token asked for and given")

    def log_in(self) -> None:
        """As a mobile client: bearer token, no cookie."""
        self._bear(self.mobile, self.email, PASSWORD)
        me = self._asked(self.mobile.get("/api/auth/me"), 200)
        self._expect(me["email"] == self.email, "the bearer token names its user")
        self.say("logged in by bearer token")

    def import_file(self) -> None:
        """Three good lines, one bad one, and the report that names it."""
        self._bear(self.seller, *self.seller_login)
        lines = [
            "sku,title,price,stock,brand,description",
            f"{self.mark}-1,Hand-blown marmalade jar {self.mark},18.50,12,Glashaus,“Thick” glass; holds 300 g",
            f"{self.mark}-2,Copper saucepan {self.mark},64.00,3,Kupfer,Şekerci için 🍲",
            f"{self.mark}-3,Broken line {self.mark},not a price,1,Kupfer,",
            f"{self.mark}-4,Marmalade spoon {self.mark},7.25,40,Kupfer,A long spoon",
        ]
        file = {"file": (f"tour-{self.mark}.csv", "\n".join(lines).encode(), "text/csv")}
        run = self._asked(self.seller.post("/api/seller/imports", data={"kind": "product"}, files=file), 202)
        run = self._until(
            lambda: self._asked(self.seller.get(f"/api/seller/imports/{run['id']}"), 200),
            lambda found: found["status"] not in ("queued", "running"),
            "the import ends",
        )
        counts = run["counts"]
        self._expect((run["status"], counts["created"], counts["refused"]) == ("done", 3, 1), f"import: {run}")
        faults = self._asked(self.seller.get(f"/api/seller/imports/{run['id']}/faults"), 200)
        told = [(fault["row"], fault["column"], fault["code"]) for fault in faults if not fault["warning"]]
        self._expect(told == [(4, "price", "bad_price")], f"the report names the refused line: {faults}")
        self.say(f"imported 3 of 4 lines; refused: row 4, price: {faults[0]['message']}")

    def find(self) -> dict[str, Any]:
        """By a misspelt word, then by filters; the facets count."""
        query = {"q": f"marmelade {self.mark}"}
        found = self._until(
            lambda: self._list("/api/products", query), lambda page: len(page["data"]) >= 2, "typos are forgiven"
        )
        titles = [item["title"] for item in found["data"]]
        brands = {facet["value"]: facet["count"] for facet in found["facets"]["brand"]}
        self._expect(brands.get("Glashaus") == 1 and brands.get("Kupfer", 0) >= 1, f"facets count brands: {brands}")
        narrowed = self._list("/api/products", query | {"brand": "Glashaus", "min_price": "10", "in_stock": "true"})
        self._expect(len(narrowed["data"]) == 1, f"filters narrow: {[item['title'] for item in narrowed['data']]}")
        self.say(f"“marmelade” found {titles}; brands {brands}; narrowed to {narrowed['data'][0]['title']}")
        return narrowed["data"][0]

    def fill_cart(self, item: dict[str, Any]) -> None:
        body = {"kind": "product", "ref_id": item["id"], "quantity": 2}
        cart = self._asked(self.mobile.post("/api/cart/items", json=body, headers=self._once()), 201)
        self._expect((cart["count"], cart["total"]) == (2, "37.00"), f"the cart adds up: {cart}")
        self.say(f"cart: 2 × {item['title']}, {cart['total']} {cart['currency']}")

    def listen(self) -> None:
        """A Socket.IO client in the person's own room."""
        self.socket.on("*", lambda event, payload=None: self.heard.put((event, payload)), namespace="/user")
        token = self.mobile.headers["Authorization"].removeprefix("Bearer ")
        self.socket.connect(
            self.address, namespaces=["/user"], auth={"token": token}, transports=["websocket"], wait_timeout=10
        )
        self.say("listening on /user")

    def order(self) -> dict[str, Any]:
        """The cart becomes an order; the same request again gives the same one."""
        headers = self._once()
        body = {"provider": "sandbox", "billing": {"name": "Tuğçe Tour", "country": "TR"}}
        order = self._asked(self.mobile.post("/api/orders", json=body, headers=headers), 201)
        again = self._asked(self.mobile.post("/api/orders", json=body, headers=headers), 201)
        self._expect(order["id"] == again["id"] and len(order["id"]) == 27, "one key, one order, with a KSUID")
        self._expect((order["status"], order["total"]) == ("pending", "37.00"), f"the order waits: {order['status']}")
        stock = self._asked(self.mobile.get(f"/api/products/{order['items'][0]['ref_id']}"), 200)["available"]
        self.say(f"order {order['id']}: pending, held until {order['expires_at']}; {stock} left on the page")
        return order

    def pay(self, order: dict[str, Any]) -> None:
        """On the provider's page, as the person's browser would."""
        page = httpx.get(order["checkout_url"], timeout=60)
        self._expect(page.status_code == 200 and "37.00" in page.text, "the provider's page shows the amount")
        pressed = httpx.post(order["checkout_url"], data={"choice": "pay"}, timeout=60)
        self._expect(pressed.status_code == 303, f"the page sends the browser back: {pressed.status_code}")
        paid = self._until(
            lambda: self._asked(self.mobile.get(f"/api/orders/{order['id']}"), 200),
            lambda seen: seen["status"] == "paid",
            "the webhook pays the order",
        )
        self.say(f"paid at {paid['paid_at']}: {', '.join(event['what'] for event in paid['timeline'])}")

    def hear(self, order: dict[str, Any]) -> None:
        """The socket told what the REST read shows."""
        end = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                event, payload = self.heard.get(timeout=max(0.1, end - time.monotonic()))
            except queue.Empty:
                raise TourFailed("no order_status event says that the order is paid") from None
            if event == "order_status" and payload["id"] == order["id"] and payload["status"] == "paid":
                self.say(f"heard order_status {payload}")
                return

    def find_order(self, order: dict[str, Any]) -> None:
        """Through the mirror: the buyer's list and the seller's."""
        for client, path in ((self.mobile, "/api/orders"), (self.seller, "/api/seller/orders")):
            self._until(
                lambda client=client, path=path: self._asked(client.get(path, params={"status": "paid"}), 200),
                lambda listed: order["id"] in [entry["id"] for entry in listed],
                f"{path} lists the order",
            )
        self.say("found again in GET /api/orders and in the seller's list")

    def find_mail(self, order: dict[str, Any]) -> None:
        """The receipt lies where mails go without a mail server."""
        if self.mails is None:
            return
        folder = self.mails
        receipts = self._until(
            lambda: [file for file in folder.glob("*.eml") if _is_receipt(file.read_bytes(), self.email, order["id"])],
            lambda files: len(files) >= 1,
            "a receipt is sent",
        )
        message = message_from_bytes(receipts[0].read_bytes(), policy=modern)
        self.say(f"mail to {message['To']}: {message['Subject']}")

    # what steps are made of

    def _bear(self, client: httpx.Client, email: str, password: str) -> None:
        body = {"email": email, "password": password, "client": "mobile"}
        content = self._asked(client.post("/api/auth/login", json=body), 200)
        client.headers["Authorization"] = f"Bearer {content['access_token']}"

    def _list(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        answer = self.mobile.get(path, params=query)
        self._expect(answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    @staticmethod
    def _once() -> dict[str, str]:
        return {"Idempotency-Key": new_id()}

    @staticmethod
    def _asked(answer: httpx.Response, status: int) -> Any:
        if answer.status_code != status:
            asked = f"{answer.request.method} {answer.request.url}"
            raise TourFailed(f"{asked}: {answer.status_code}, expected {status}: {answer.text[:500]}")
        return answer.json()["data"]

    @staticmethod
    def _expect(holds: bool, what: str) -> None:
        if not holds:
            raise TourFailed(what)

    @staticmethod
    def _until(ask: Callable[[], Any], holds: Callable[[Any], bool], what: str) -> Any:
        end = time.monotonic() + WAIT_SECONDS
        while not holds(answer := ask()):
            if time.monotonic() > end:
                raise TourFailed(f"not within {WAIT_SECONDS:.0f} s: {what}; last: {str(answer)[:500]}")
            time.sleep(0.2)
        return answer


def _is_receipt(content: bytes, email: str, order_id: str) -> bool:
    message = message_from_bytes(content, policy=modern)
    body = message.get_body(("plain",))
    return message["To"] == email and body is not None and order_id in body.get_content()


@click.command()
@click.argument("url", default="http://127.0.0.1:8000")
@click.option("--seller", default="store@example.com", help="A seller's email.")
@click.option("--password", default="demo-market-2026", envvar="DEMO_PASSWORD", help="The seller's password.")
@click.option("--mails", type=click.Path(exists=True, file_okay=False, path_type=Path), help="DATA_FOLDER/mail")
def main(url: str, seller: str, password: str, mails: Path | None) -> None:
    """Walk through the product at URL and print each step."""
    begun = time.monotonic()
    try:
        Tour(url, (seller, password), click.echo, mails).walk()
    except (TourFailed, httpx.TransportError, socketio.exceptions.ConnectionError) as fault:
        click.echo(f"FAILED: {fault}", err=True)
        sys.exit(1)
    click.echo(f"The whole tour took {time.monotonic() - begun:.1f} s.")


if __name__ == "__main__":
    main()
