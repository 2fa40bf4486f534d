"""What this product and a payment provider say to each other: one vocabulary for every provider.

Plugins speak it outward, services speak it inward; no provider's own classes or exceptions pass here.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.utils.errors import DomainError


class ProviderUnavailable(DomainError):
    """The payment provider did not answer in time; nothing was charged by this call (502)."""

    code, status = "provider_unavailable", 502


class BadSignature(DomainError):
    """The event was not signed by the provider, or too long ago (400)."""

    code, status = "bad_signature", 400


class ChargeState(StrEnum):
    """The provider's own word on one charge, in our vocabulary."""

    OPEN = "open"
    PAID = "paid"
    DECLINED = "declined"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ChargeLine:
    """One position a client sees on the provider's page."""

    title: str
    unit_price_cents: int
    quantity: int
    seller_name: str = ""


@dataclass(frozen=True)
class ChargeRequest:
    """What a provider is asked to collect. `reference` is our payment id and the idempotency key at once."""

    reference: str
    amount_cents: int
    currency: str
    email: str
    lines: tuple[ChargeLine, ...]
    success_url: str
    cancel_url: str
    expires_at: datetime
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Checkout:
    """Where the client pays, and the provider's own name for the charge."""

    provider_ref: str
    url: str


@dataclass(frozen=True)
class ChargeStatus:
    """What the provider's books say of one charge now; amounts in minor units of `currency`."""

    reference: str
    provider_ref: str
    state: ChargeState
    amount_cents: int = 0
    refunded_cents: int = 0
    currency: str = ""
    reason: str = ""


@dataclass(frozen=True)
class RefundReceipt:
    """The provider gave money back; a repeated key answers the first receipt."""

    provider_ref: str
    amount_cents: int


@dataclass(frozen=True)
class ProviderEvent:
    """A verified webhook. `charge` is None for event types this product has no use for."""

    id: str
    type: str
    charge: ChargeStatus | None


class PaymentProvider(Protocol):
    """What every provider can do. All calls are idempotent by the reference or key they are given."""

    name: str
    label: str

    @property
    def enabled(self) -> bool:
        """Whether settings hold all that this provider needs."""

    def create(self, request: ChargeRequest, now: datetime) -> Checkout:
        """A place to pay exists for `request.reference`. Raises ProviderUnavailable."""

    def status(self, reference: str, provider_ref: str) -> ChargeStatus:
        """What the provider's books say now. Raises ProviderUnavailable."""

    def close(self, reference: str, provider_ref: str, now: datetime) -> ChargeStatus:
        """An open charge can no longer be paid; a paid one stays paid, and the answer says which. Raises
        ProviderUnavailable."""

    def refund(self, reference: str, provider_ref: str, amount_cents: int, key: str, now: datetime) -> RefundReceipt:
        """`amount_cents` went back to the client, once per key. Raises ProviderUnavailable, RefundRefused."""

    def verify_event(self, body: bytes, headers: dict[str, str], now: datetime) -> ProviderEvent:
        """The event inside a webhook's raw body. Raises BadSignature."""


class RefundRefused(DomainError):
    """The provider will not give this amount back, now or later (422)."""

    code, status = "refund_refused", 422
