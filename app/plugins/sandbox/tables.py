"""The sandbox provider's own books: what it would know if it were a company somewhere else."""

import json
from typing import Any

from app.plugins.cassandra_cqlengine import ConditionalModel, Model, columns

SHARDS = 8


def shard_of(reference: str) -> int:
    """The shard of a charge's deliveries."""
    return sum(reference.encode()) % SHARDS


class SandboxCharge(ConditionalModel):
    """One charge in the provider's truth. Read path: by the merchant's reference.

    state: open, paid, declined, closed. `events` are the events that happened, in order; an event counts only when
    it is listed here, because it is written in the same conditional write as the state it tells of.
    """

    __table_name__ = "sandbox_charge"

    reference = columns.Text(partition_key=True)
    state = columns.Text(required=True)
    amount_cents = columns.BigInt(required=True)
    refunded_cents = columns.BigInt(required=True, default=0)
    currency = columns.Text(required=True)
    email = columns.Text(default="")
    lines = columns.Text(default="[]")
    metadata_text = columns.Text(default="{}")
    success_url = columns.Text(required=True)
    cancel_url = columns.Text(required=True)
    reason = columns.Text(default="")
    refunds = columns.Text(default="{}")
    events = columns.Text(default="[]")
    opened_at = columns.DateTime(required=True)
    expires_at = columns.DateTime(required=True)

    @property
    def event_list(self) -> list[dict[str, Any]]:
        return json.loads(self.events or "[]")

    @property
    def refund_amounts(self) -> dict[str, int]:
        """Idempotency key → minor units given back."""
        return json.loads(self.refunds or "{}")


class SandboxDelivery(Model):
    """One event that the merchant has not confirmed yet. Read path: all waiting deliveries of a shard."""

    __table_name__ = "sandbox_delivery"

    shard = columns.Integer(partition_key=True)
    event_id = columns.Text(primary_key=True)
    reference = columns.Text(required=True)
    attempts = columns.Integer(required=True, default=0)
    last_answer = columns.Text(default="")
    first_at = columns.DateTime(required=True)
    due_at = columns.DateTime(required=True)
