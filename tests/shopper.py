"""A person who buys over plain HTTP and does not give up: what was acknowledged is noted, the rest is asked again.

No request counts as done before its answer came. After a lost connection, or an answer that says "later", the same
request is sent again, with the same `Idempotency-Key` where it has one.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.utils.ids import new_id

PASSWORD = "correct horse battery"
REQUEST_SECONDS = 60.0
PATIENCE_SECONDS = 240.0
PAUSE_SECONDS = 0.25
ENDED = ("paid", "expired", "cancelled")


class GaveUp(AssertionError):
    """The product did not answer a request for longer than anybody would wait."""


class Refused(AssertionError):
    """The product refused a request for good; `answer` says why."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
        self.answer = answer


@dataclass
class Journal:
    """What happened to the requests of one or several people; safe to share between threads."""

    asked: int = 0
    lost: int = 0
    put_off: Counter[tuple[int, str]] = field(default_factory=Counter)
    longest_wait_seconds: float = 0.0
    waited_for: str = ""
    longest_refused_seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def note_lost(self) -> None:
        """A connection broke, or nothing answered it."""
        with self._lock:
            self.lost += 1

    def note_put_off(self, answer: httpx.Response) -> None:
        """The product said "later"; it has to say so in its one error shape, or on its page where it answers pages."""
        code = error_code(answer)
        shown = bool(code) or is_error_page(answer)
        with self._lock:
            self.put_off[answer.status_code, code or "page"] += 1
            if not shown:
                self.wrong.append(f"{answer.request.url.path}: {answer.status_code} without the error shape")

    def note_wrong(self, what: str) -> None:
        """Something came that must never come."""
        with self._lock:
            self.wrong.append(what)

    def note_done(self, what: str, seconds: float, refused_seconds: float) -> None:
        """A request was answered after so many seconds, so many of them after its first refusal."""
        with self._lock:
            self.asked += 1
            self.longest_refused_seconds = max(self.longest_refused_seconds, refused_seconds)
            if seconds > self.longest_wait_seconds:
                self.longest_wait_seconds, self.waited_for = seconds, what

    def __str__(self) -> str:
        later = ", ".join(f"{count} × {status} {code}" for (status, code), count in sorted(self.put_off.items()))
        return (
            f"{self.asked} requests answered, {self.lost} connections lost, put off: {later or 'none'}; "
            f"longest wait {self.longest_wait_seconds:.1f} s ({self.waited_for}), "
            f"longest time from a refusal to the success {self.longest_refused_seconds:.1f} s"
        )


def error_code(answer: httpx.Response) -> str:
    """The code of an answer in the error shape; empty for anything else."""
    try:
        error = answer.json()["error"]
        return error["code"] if error["message"] and error["request_id"] else ""
    except (ValueError, KeyError, TypeError):
        return ""


def is_error_page(answer: httpx.Response) -> bool:
    """Whether a request of a browser was refused by the product's own page, which names the request for support."""
    path, kind = answer.request.url.path, answer.headers.get("content-type", "")
    request_id = answer.headers.get("x-request-id", "")
    return (
        not path.startswith("/api/") and kind.startswith("text/html") and request_id != "" and request_id in answer.text
    )


def is_later(answer: httpx.Response) -> bool:
    """Whether the answer says that the same request may succeed in a moment."""
    return answer.status_code in (429, 503) or (answer.status_code, error_code(answer)) in (
        (409, "in_progress"),
        (409, "conflict"),
    )


class Shopper:
    """One person with an account. `ordered` and `paid` hold what was acknowledged, and nothing else."""

    def __init__(self, address: str, journal: Journal | None = None) -> None:
        self.client = httpx.Client(base_url=address, timeout=REQUEST_SECONDS, follow_redirects=False)
        self.journal = journal or Journal()
        self.patience_seconds = PATIENCE_SECONDS
        self.email = f"shopper-{new_id()}@example.com".lower()
        self.id = ""
        self.headers: dict[str, str] = {}
        self.ordered: dict[str, str] = {}
        self.paid: set[str] = set()

    def close(self) -> None:
        """No connection stays open."""
        self.client.close()

    # one request, until it is answered

    def insist(self, method: str, path: str, *, retry: Callable[[httpx.Response], bool] = is_later, **sent: Any) -> Any:
        """The final answer to this request. Raises GaveUp; a 5xx that is no 503 is noted as wrong and asked again."""
        begun, refused_at = time.monotonic(), None
        sent["headers"] = self.headers | dict(sent.get("headers") or {})
        while True:
            try:
                answer = self.client.request(method, path, **sent)
            except httpx.TransportError:
                self.journal.note_lost()
            else:
                if answer.status_code >= 500 and answer.status_code != 503:
                    self.journal.note_wrong(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
                elif not retry(answer):
                    now = time.monotonic()
                    self.journal.note_done(f"{method} {path}", now - begun, now - (refused_at or now))
                    return answer
                else:
                    refused_at = refused_at or time.monotonic()
                    self.journal.note_put_off(answer)
            if time.monotonic() - begun > self.patience_seconds:
                raise GaveUp(f"{method} {path} was not answered in {self.patience_seconds:.0f} s; {self.journal}")
            time.sleep(PAUSE_SECONDS)

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """The body of a successful read. Raises Refused."""
        return _content(self.insist("GET", path, params=query), 200)

    # account

    def sign_up(self) -> "Shopper":
        """An account exists and this person is logged in by bearer token."""
        body = {"email": self.email, "password": PASSWORD, "client": "mobile"}
        answer = self.insist("POST", "/api/auth/register", json=body)
        if answer.status_code == 409:  # an earlier try was carried out, and its answer lost
            return self.log_in()
        return self._logged_in(_content(answer, 201))

    def log_in(self) -> "Shopper":
        """This person is logged in by bearer token. Raises Refused."""
        body = {"email": self.email, "password": PASSWORD, "client": "mobile"}
        return self._logged_in(_content(self.insist("POST", "/api/auth/login", json=body), 200))

    def _logged_in(self, content: Mapping[str, Any]) -> "Shopper":
        self.id = content["data"]["user"]["id"]
        self.headers = {"Authorization": f"Bearer {content['data']['access_token']}"}
        return self

    # the purchase

    def search(self, words: str, kind: str = "product") -> list[dict[str, Any]]:
        """What the catalog finds. Raises Refused."""
        return self.get(f"/api/{kind}s", q=words)["data"]

    def put_in_cart(self, kind: str, ref_id: str, quantity: int = 1) -> dict[str, Any]:
        """The cart after so many more of one thing. Raises Refused."""
        body = {"kind": kind, "ref_id": ref_id, "quantity": quantity}
        answer = self.insist("POST", "/api/cart/items", json=body, headers={"Idempotency-Key": new_id()})
        return _content(answer, 201)["data"]

    def order(self, wanted: Sequence[tuple[str, str, int]] | None, key: str) -> dict[str, Any]:
        """An acknowledged order of these (kind, id, quantity), or of the cart. Raises Refused."""
        body: dict[str, Any] = {"provider": "sandbox"}
        if wanted is not None:
            body["items"] = [{"kind": kind, "ref_id": ref_id, "quantity": count} for kind, ref_id, count in wanted]
        answer = self.insist("POST", "/api/orders", json=body, headers={"Idempotency-Key": key})
        order = _content(answer, 201)["data"]
        before = self.ordered.setdefault(key, order["id"])
        if before != order["id"]:
            self.journal.note_wrong(f"the key {key} gave order {before} and then {order['id']}")
        return order

    def press_pay(self, payment_id: str) -> bool:
        """The provider's page was told to pay; True when it says the money was taken."""
        answer = self.insist("POST", f"/sandbox/pay/{payment_id}", data={"choice": "pay"})
        if answer.status_code != 303:
            raise Refused(answer)
        return answer.headers["location"].endswith("success")

    def pay(self, order: Mapping[str, Any]) -> bool:
        """The order's payment was acknowledged by the provider. False: its time was over before."""
        taken = self.press_pay(order["payment_id"])
        if taken:
            self.paid.add(order["id"])
        return taken

    def see(self, order_id: str) -> dict[str, Any]:
        """One of the person's own orders, as it stands. Raises Refused."""
        return self.get(f"/api/orders/{order_id}")["data"]

    def wait_until_paid(self, order_id: str, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """The order, once it is paid. Raises GaveUp."""
        end = time.monotonic() + seconds
        while (order := self.see(order_id))["status"] != "paid":
            if time.monotonic() > end or order["status"] in ENDED:
                raise GaveUp(f"order {order_id} is {order['status']}, not paid; {order['timeline']}")
            time.sleep(PAUSE_SECONDS)
        return order

    def buy(self, kind: str, ref_id: str, quantity: int = 1, *, key: str = "", by_cart: bool = False) -> dict[str, Any]:
        """One whole purchase; returns the paid order. Raises Refused, GaveUp."""
        if by_cart:
            self.put_in_cart(kind, ref_id, quantity)
        order = self.order(None if by_cart else [(kind, ref_id, quantity)], key or new_id())
        if order["status"] != "paid":
            self.pay(order)
        return self.wait_until_paid(order["id"])


def _content(answer: httpx.Response, status: int) -> dict[str, Any]:
    if answer.status_code != status:
        raise Refused(answer)
    return answer.json()
