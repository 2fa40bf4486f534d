"""Payments and the provider events that settle them."""

import json
from dataclasses import asdict, dataclass

from app.plugins.cassandra_cqlengine import ConditionalModel, Model, columns
from app.plugins.cassandra_cqlengine_elastic import MirroredModel
from app.plugins.sandbox.tables import SandboxCharge, SandboxDelivery

__all__ = ["Payment", "PaymentRefund", "SandboxCharge", "SandboxDelivery", "WebhookEvent", "packed_refunds"]


@dataclass(frozen=True)
class PaymentRefund:
    """Money on its way back. `key` is the idempotency key the provider gets; state is requested, done or refused."""

    key: str
    amount_cents: int
    reason: str
    state: str
    provider_ref: str = ""


class Payment(ConditionalModel, MirroredModel):
    """Money asked for one thing. Read path: one payment by its id, which is also the provider's reference.

    `open_work` is true while something is still to be done: money awaited, an order to be told, a refund to be made.
    The reconcile job asks the mirror for those rows and reads them again here.
    """

    __table_name__ = "payment"

    id = columns.Text(partition_key=True)
    user_id = columns.Text(required=True)
    related_kind = columns.Text(required=True)
    related_id = columns.Text(required=True)
    provider = columns.Text(required=True)
    provider_ref = columns.Text(default="")
    checkout_url = columns.Text(default="")
    status = columns.Text(required=True)
    amount_cents = columns.BigInt(required=True)
    captured_cents = columns.BigInt(required=True, default=0)
    refunded_cents = columns.BigInt(required=True, default=0)
    currency = columns.Text(required=True)
    failure = columns.Text(default="")
    refunds = columns.Text(default="[]")
    open_work = columns.Boolean(required=True, default=True)
    requested_at = columns.DateTime(required=True)
    expires_at = columns.DateTime(required=True)
    settled_at = columns.DateTime()
    changed_at = columns.DateTime(required=True)

    @property
    def refund_list(self) -> tuple[PaymentRefund, ...]:
        return tuple(PaymentRefund(**refund) for refund in json.loads(self.refunds or "[]"))


def packed_refunds(refunds: tuple[PaymentRefund, ...]) -> str:
    """The text of a payment's `refunds` column."""
    return json.dumps([asdict(refund) for refund in refunds], separators=(",", ":"))


class WebhookEvent(Model):
    """One verified event of one provider that has had its effect, known for ever. Read path: (provider, event id)."""

    __table_name__ = "webhook_event"

    provider = columns.Text(partition_key=True)
    event_id = columns.Text(partition_key=True)
    type = columns.Text(required=True)
    reference = columns.Text(default="")
    result = columns.Text(required=True)
    received_at = columns.DateTime(required=True)
