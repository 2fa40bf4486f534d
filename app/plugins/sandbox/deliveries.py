"""Webhooks really sent over HTTP, again and again with back-off, until the merchant answers 2xx."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from app.plugins.sandbox.signatures import HEADER, sign
from app.plugins.sandbox.tables import SHARDS, SandboxCharge, SandboxDelivery, shard_of
from app.utils.clock import utc_now
from app.utils.errors import StoreUnavailable

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0
GIVE_UP_AFTER = timedelta(days=3)
INTENT_SETTLES_AFTER = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(hours=1)


@dataclass(frozen=True)
class SignedEvent:
    """What goes over the wire: the raw body and its headers."""

    body: bytes
    headers: dict[str, str]


class Courier:
    """Sends one merchant's events. `url` receives them; `secret` signs them."""

    def __init__(self, url: str, secret: str) -> None:
        self.url = url
        self.secret = secret
        self._pool: ThreadPoolExecutor | None = None
        self._http: httpx.Client | None = None

    def signed(self, charge: SandboxCharge, event_id: str, at: datetime) -> SignedEvent | None:
        """The event as it is sent at `at`; None when it is not in the charge's books."""
        event = next((event for event in charge.event_list if event["id"] == event_id), None)
        if event is None:
            return None
        body = json.dumps(event, separators=(",", ":")).encode()
        return SignedEvent(body, {"Content-Type": "application/json", HEADER: sign(self.secret, body, at)})

    def send_soon(self, reference: str, event_id: str) -> None:
        """Try a first delivery in the background, so the person who pays does not wait for it."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="sandbox-webhook")
        self._pool.submit(self._first_try, reference, event_id)

    def _first_try(self, reference: str, event_id: str) -> None:
        try:
            delivery = SandboxDelivery.find(shard_of(reference), event_id)
            if delivery is not None:
                self.deliver(delivery, utc_now())
        except StoreUnavailable as fault:
            log.warning("sandbox webhook put off: %s", fault, extra={"event_id": event_id})
        except Exception:  # a background thread reports here or nowhere; the job tries again
            log.exception("sandbox webhook failed", extra={"event_id": event_id})

    def deliver_due(self, now: datetime) -> tuple[int, int]:
        """Every waiting event whose pause is over is sent again; returns (confirmed, still waiting)."""
        confirmed = waiting = 0
        for shard in range(SHARDS):
            for delivery in SandboxDelivery.objects(shard=shard).limit(1000):
                if delivery.due_at is not None and delivery.due_at > now:
                    waiting += 1
                elif self.deliver(delivery, now):
                    confirmed += 1
                else:
                    waiting += 1
        return confirmed, waiting

    def deliver(self, delivery: SandboxDelivery, now: datetime) -> bool:
        """One try; True when the merchant confirmed it (or there is nothing to tell), and the row is gone."""
        if not delivery.reference:
            delivery.delete()
            return True
        charge = SandboxCharge.find_serial(delivery.reference)
        event = self.signed(charge, delivery.event_id, now) if charge else None
        if event is None:
            if now - delivery.first_at > INTENT_SETTLES_AFTER:
                delivery.delete()
            return False
        answer = self._post(event)
        if answer.startswith("2"):
            delivery.delete()
            return True
        if now - delivery.first_at > GIVE_UP_AFTER:
            log.error("sandbox webhook given up", extra={"event_id": delivery.event_id, "answer": answer})
            delivery.delete()
            return False
        pause = min(timedelta(seconds=2 ** min(delivery.attempts + 1, 12)), LONGEST_PAUSE)
        delivery.update(attempts=delivery.attempts + 1, last_answer=answer, due_at=now + pause)
        return False

    def _client(self) -> httpx.Client:
        """One client for all events: making one costs 25 ms of CPU, for it reads the machine's certificates."""
        if self._http is None:
            self._http = httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False)
        return self._http

    def _post(self, event: SignedEvent) -> str:
        try:
            answer = self._client().post(self.url, content=event.body, headers=event.headers)
        except httpx.HTTPError as fault:
            return type(fault).__name__
        return str(answer.status_code)
