"""A whole purchase over HTTP, against django-oscar's on PostgreSQL: as many buyers and threads, as durable."""

import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

from ..harness.http_client import Client
from ..harness.load import flow_load
from ..harness.measure import interleave
from ..harness.place import Place
from ..harness.report import Row
from ..harness.servers import WebServer
from ..oscar.shop_server import OscarBuyer, oscar_shop
from .reads import KEYSPACE, OURS, size

BUYERS = 16
GOODS = 50
STOCK = 10_000_000
ASKED_EVERY_SECONDS = 0.25
WARM_UP_SECONDS = 60
_PAID_WITHIN_SECONDS = 30.0


class NotPaidInTime(Exception):
    """The webhook did not have its effect in time."""


class OurBuyer:
    """One signed-in buyer; buys over a kept connection, as the mobile clients do."""

    def __init__(self, server: WebServer, products: list[str], number: int) -> None:
        self._client = Client("127.0.0.1", server.port)
        self._products, self._next = products, number
        account = {
            "email": f"{secrets.token_hex(8)}@example.com",
            "password": secrets.token_urlsafe(16),
            "client": "mobile",
        }
        signed_in = self._client.post_json("/api/auth/register", account, expect=(201,)).json()["data"]
        self._client.headers["Authorization"] = f"Bearer {signed_in['access_token']}"
        self._client.cookies.clear()

    def put_in_cart(self, product: str) -> None:
        self._client.post_json("/api/cart/items", {"kind": "product", "ref_id": product, "quantity": 1}, expect=(201,))

    def place_order(self, expect: tuple[int, ...] = (201,)) -> tuple[int, dict]:
        """Order what is in the cart; status and body of the answer."""
        key = {"Idempotency-Key": secrets.token_hex(16)}
        answer = self._client.post_json("/api/orders", {"provider": "sandbox"}, expect=expect, headers=key)
        return answer.status, answer.json()

    def purchase(self) -> None:
        """Cart, order, the provider's page, its webhook, and the paid order. Raises UnexpectedAnswer, NotPaidInTime."""
        product = self._products[self._next % len(self._products)]
        self._next += 7
        self.put_in_cart(product)
        _, body = self.place_order()
        order = body["data"]
        page = order["checkout_url"].partition("/sandbox/")[2]
        self._client.post_form(f"/sandbox/{page}", {"choice": "pay"}, expect=(303,))
        until = time.monotonic() + _PAID_WITHIN_SECONDS
        while self._client.get(f"/api/orders/{order['id']}").json()["data"]["status"] != "paid":
            if time.monotonic() > until:
                raise NotPaidInTime(order["id"])
            time.sleep(ASKED_EVERY_SECONDS)


def buyers(server: WebServer, products: list[str], count: int) -> list[OurBuyer]:
    """New accounts, signed up side by side."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda number: OurBuyer(server, products, number), range(count)))


def measure(place: Place) -> list[Row]:
    environ = place.catalog(KEYSPACE, size(place))
    products = json.loads(place.run("-m", "benchmarks.contenders.goods", str(GOODS), str(STOCK), environ=environ))
    seconds = 4 if place.quick else 10
    cache = place.settings.cache_folder
    with (
        place.server(OURS, "ours", "/health", environ) as server,
        oscar_shop(cache, place.folder, GOODS, BUYERS, waits_for_disk=place.waits_for_disk) as shop,
    ):
        place.versions["PostgreSQL"] = shop.database.version
        ours = [buyer.purchase for buyer in buyers(server, products, BUYERS)]
        theirs = [OscarBuyer(shop, number).purchase for number in range(BUYERS)]
        warm_up = 4 if place.quick else WARM_UP_SECONDS
        flow_load(server, ours, warm_up)
        flow_load(shop.server, theirs, warm_up)
        compared = interleave(
            lambda: flow_load(server, ours, seconds), lambda: flow_load(shop.server, theirs, seconds), place.rounds
        )
    disk = "reached the disk" if place.waits_for_disk else "is in memory"
    note = (
        f"{BUYERS} buyers at once, {server.workers} workers with {server.threads} threads on both sides; both warmed "
        f"up for {WARM_UP_SECONDS} s, for the engines compile while they run; both databases answer a write when its "
        f"log {disk}. Ours: cart, order with stock hold, the sandbox provider's own books and page, its signed webhook "
        "over HTTP, the order read until it is paid (the site hears of that by socket; here it is asked for at once "
        f"and every {ASKED_EVERY_SECONDS} s). django-oscar: basket, saved address, shipping, preview, order with the "
        "payment recorded in the same request, thank-you page; no provider and no webhook."
    )
    return [
        Row(
            "purchase", "Whole purchase", "django-oscar on PostgreSQL", 2.0, figures=compared.as_figures(),
            unit="orders/s", notes=[note],
        )
    ]  # fmt: skip
