"""The sandbox behind the interface that every payment provider has."""

import json
from datetime import datetime
from typing import Any

from app.env import Settings, SettingsError
from app.plugins.sandbox import books
from app.plugins.sandbox.deliveries import Courier
from app.plugins.sandbox.signatures import HEADER, verify
from app.plugins.sandbox.tables import SandboxCharge
from app.utils.charges import (
    BadSignature,
    ChargeRequest,
    ChargeState,
    ChargeStatus,
    Checkout,
    ProviderEvent,
    ProviderUnavailable,
    RefundReceipt,
)

WEBHOOK_PATH = "/api/payment/webhook/sandbox"


class SandboxInProduction(SettingsError):
    """Anybody can press "pay" on the sandbox's page, so it never runs where real goods are sold."""


class SandboxProvider:
    """Charges that are paid by pressing a button. Off until `configure`."""

    name = "sandbox"
    label = "Test payment"

    def __init__(self) -> None:
        self._site_url = ""
        self._courier: Courier | None = None

    def configure(self, settings: Settings) -> None:
        """Take addresses and secret from settings. Raises SandboxInProduction."""
        if not settings.sandbox_provider_enabled:
            self._courier = None
            return
        if settings.is_production:
            raise SandboxInProduction(
                "Settings: SANDBOX_PROVIDER_ENABLED must be false in production: its payments are not real."
            )
        self._site_url = settings.site_url
        self._courier = Courier(settings.site_url + WEBHOOK_PATH, settings.sandbox_webhook_secret)

    @property
    def enabled(self) -> bool:
        return self._courier is not None

    @property
    def courier(self) -> Courier:
        """Who carries the events. Raises ProviderUnavailable (502) when the sandbox is off."""
        if self._courier is None:
            raise ProviderUnavailable("The sandbox payment provider is switched off.")
        return self._courier

    # what every provider can do

    def create(self, request: ChargeRequest, now: datetime) -> Checkout:
        """A page to pay on exists for `request.reference`."""
        self.courier  # noqa: B018 - refuses when switched off
        books.open_charge(request, now)
        return Checkout(books.REFERENCE_PREFIX + request.reference, f"{self._site_url}/sandbox/pay/{request.reference}")

    def status(self, reference: str, provider_ref: str) -> ChargeStatus:
        """What the books say now."""
        return books.status_of(reference, books.find_charge(reference))

    def close(self, reference: str, provider_ref: str, now: datetime) -> ChargeStatus:
        """An open charge can no longer be paid; a paid one stays paid."""
        return books.status_of(reference, books.close(reference))

    def refund(self, reference: str, provider_ref: str, amount_cents: int, key: str, now: datetime) -> RefundReceipt:
        """Money went back, once per key. Raises RefundRefused."""
        receipt, event_id = books.refund(reference, amount_cents, key, now)
        self._tell(reference, event_id)
        return receipt

    def verify_event(self, body: bytes, headers: dict[str, str], now: datetime) -> ProviderEvent:
        """The event inside a raw body. Raises BadSignature."""
        lowered = {name.lower(): value for name, value in headers.items()}
        verify(self.courier.secret, body, lowered.get(HEADER.lower()), now)
        try:
            return _event(json.loads(body))
        except (ValueError, KeyError, TypeError) as fault:
            raise BadSignature("The event cannot be read.") from fault

    # what its page does

    def find_charge(self, reference: str) -> SandboxCharge | None:
        return books.find_charge(reference)

    def pay(self, charge: SandboxCharge, now: datetime) -> SandboxCharge:
        """The person pressed "pay": an open charge is paid and the merchant is told."""
        paid, event_id = books.pay(charge.reference, now, charge)
        self._tell(charge.reference, event_id)
        return paid

    def decline(self, charge: SandboxCharge, now: datetime) -> SandboxCharge:
        """The person pressed "decline": the charge fails as with a refused card."""
        declined, event_id = books.decline(charge.reference, now, "card_declined", charge)
        self._tell(charge.reference, event_id)
        return declined

    def deliver_due(self, now: datetime) -> tuple[int, int]:
        """Send every event again whose pause is over; returns (confirmed, still waiting)."""
        return self.courier.deliver_due(now) if self.enabled else (0, 0)

    def _tell(self, reference: str, event_id: str | None) -> None:
        if event_id is not None:
            self.courier.send_soon(reference, event_id)


def _event(raw: dict[str, Any]) -> ProviderEvent:
    charge = raw["charge"]
    state = ChargeState(charge["state"])
    status = ChargeStatus(
        reference=str(charge["reference"]),
        provider_ref=books.REFERENCE_PREFIX + str(charge["reference"]),
        state=state,
        amount_cents=int(charge["amount_cents"]),
        refunded_cents=int(charge["refunded_cents"]),
        currency=str(charge["currency"]),
        reason=str(charge.get("reason", "")),
    )
    known = raw["type"] in ("charge.paid", "charge.declined", "charge.refunded")
    return ProviderEvent(id=str(raw["id"]), type=str(raw["type"]), charge=status if known else None)


sandbox = SandboxProvider()


def init_app(app: Any) -> None:
    """The provider is ready for this application. Raises SandboxInProduction, so such an app never starts."""
    sandbox.configure(app.config["SETTINGS"])
