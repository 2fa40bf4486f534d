"""Events from providers: verified, stored once for ever, acted on once however often they come."""

import logging
from datetime import datetime, timedelta
from typing import Any

from app.models import WebhookEvent
from app.services.payments.providers import provider_named
from app.services.payments.settlement import settle_payment
from app.utils.charges import ProviderEvent
from app.utils.errors import NotFound

log = logging.getLogger(__name__)

STALE_AFTER = timedelta(seconds=60)


def receive_event(provider: str, body: bytes, headers: dict[str, str], now: datetime) -> str:
    """A provider's event has had its effect; returns what became of it, in a word.

    body: the raw bytes as they came, for the signature is over them.
    Raises BadSignature (400; nothing is stored), NotFound (404: no such provider), StoreUnavailable (503: the
    provider sends it again).
    """
    event = provider_named(provider).verify_event(body, headers, now)
    row, is_new = WebhookEvent.create_if_absent(
        provider=provider,
        event_id=event.id,
        type=event.type,
        reference=event.charge.reference if event.charge else "",
        state="processing",
        received_at=now,
        claimed_at=now,
    )
    if not is_new and not _claim_again(row, now):
        return row.result or "in_progress"
    result = _act(event, row, now)
    type(row).change(row.key, lambda standing: {"state": "done", "result": result}, row)
    return result


def _act(event: ProviderEvent, row: WebhookEvent, now: datetime) -> str:
    if event.charge is None:
        return "ignored"
    try:
        return settle_payment(event.charge.reference, event.charge, now).status
    except NotFound:
        log.error("an event names a payment that is not ours", extra={"event_id": event.id})
        return "unknown_payment"
    except Exception:
        WebhookEvent.change(row.key, lambda standing: {"state": "received"} if standing.state != "done" else None)
        raise


def _claim_again(row: WebhookEvent, now: datetime) -> bool:
    """Take up an event that an earlier delivery did not finish; False while that one may still be at it."""
    claimed = False

    def decide(standing: WebhookEvent) -> dict[str, Any] | None:
        nonlocal claimed
        is_free = standing.state == "received" or (
            standing.state == "processing" and now - standing.claimed_at > STALE_AFTER
        )
        claimed = is_free
        return {"state": "processing", "claimed_at": now} if is_free else None

    WebhookEvent.change(row.key, decide)
    return claimed
