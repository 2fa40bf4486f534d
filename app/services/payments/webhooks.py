"""Events from providers: verified, acted on, and remembered once they have had their effect."""

import logging
from datetime import datetime

from app.models import WebhookEvent
from app.services.payments.providers import provider_named
from app.services.payments.settlement import settle_payment
from app.utils.charges import ProviderEvent
from app.utils.errors import NotFound

log = logging.getLogger(__name__)


def receive_event(provider: str, body: bytes, headers: dict[str, str], now: datetime) -> str:
    """A provider's event has had its effect, once however often it comes; returns what became of it, in a word.

    body: the raw bytes as they came, for the signature is over them. An event is stored after its effect: until then
    a crash leaves it to the provider's next delivery, and of deliveries at the same time the payment's own conditions
    let one have the effect.
    Raises BadSignature (400; nothing is stored), NotFound (404: no such provider), StoreUnavailable (503: the
    provider sends it again).
    """
    event = provider_named(provider).verify_event(body, headers, now)
    known = WebhookEvent.find(provider, event.id)
    if known is not None:
        return known.result
    result = _act(event, now)
    WebhookEvent.create(
        provider=provider,
        event_id=event.id,
        type=event.type,
        reference=event.charge.reference if event.charge else "",
        result=result,
        received_at=now,
    )
    return result


def _act(event: ProviderEvent, now: datetime) -> str:
    if event.charge is None:
        return "ignored"
    try:
        return settle_payment(event.charge.reference, event.charge, now).status
    except NotFound:
        log.error("an event names a payment that is not ours", extra={"event_id": event.id})
        return "unknown_payment"
