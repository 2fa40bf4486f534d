"""The sandbox provider's bookkeeping: charges, what happened to them, and the events that tell of it.

An event is written twice, and in this order: a delivery row as an intent, then the event inside the charge together
with the state it tells of, in one conditional write. A delivery whose event is in no charge never happened.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.plugins.sandbox.tables import SandboxCharge, SandboxDelivery, shard_of
from app.utils.charges import ChargeRequest, ChargeState, ChargeStatus, RefundReceipt, RefundRefused
from app.utils.ids import new_id
from app.utils.instants import instant_text

REFERENCE_PREFIX = "sbx_"


def open_charge(request: ChargeRequest, now: datetime) -> SandboxCharge:
    """A charge exists for this reference; a repeated request answers the first one."""
    charge, _ = SandboxCharge.create_if_absent(
        reference=request.reference,
        state=ChargeState.OPEN.value,
        amount_cents=request.amount_cents,
        currency=request.currency,
        email=request.email,
        lines=json.dumps([vars(line) for line in request.lines], ensure_ascii=False),
        metadata_text=json.dumps(dict(request.metadata)),
        success_url=request.success_url,
        cancel_url=request.cancel_url,
        opened_at=now,
        expires_at=request.expires_at,
    )
    return charge


def find_charge(reference: str) -> SandboxCharge | None:
    """The charge as the last finished write left it."""
    return SandboxCharge.find_serial(reference)


def status_of(reference: str, charge: SandboxCharge | None) -> ChargeStatus:
    """The charge in the vocabulary that all providers share."""
    if charge is None:
        return ChargeStatus(reference, REFERENCE_PREFIX + reference, ChargeState.UNKNOWN)
    return ChargeStatus(
        reference=reference,
        provider_ref=REFERENCE_PREFIX + reference,
        state=ChargeState(charge.state),
        amount_cents=charge.amount_cents,
        refunded_cents=charge.refunded_cents,
        currency=charge.currency,
        reason=charge.reason or "",
    )


def pay(reference: str, now: datetime, seen: SandboxCharge | None = None) -> tuple[SandboxCharge, str | None]:
    """An open charge is paid; returns it and the new event's id, or None when it was not open any more.

    seen: the charge as it was read before.
    """
    return _leave_open(reference, now, ChargeState.PAID, "", seen)


def decline(
    reference: str, now: datetime, reason: str, seen: SandboxCharge | None = None
) -> tuple[SandboxCharge, str | None]:
    """An open charge is declined, with the reason a card issuer would give. seen: as in `pay`."""
    return _leave_open(reference, now, ChargeState.DECLINED, reason, seen)


def close(reference: str) -> SandboxCharge | None:
    """An open charge can no longer be paid. No event: the merchant asked for it."""
    if SandboxCharge.find_serial(reference) is None:
        return None
    return SandboxCharge.change(
        (reference,),
        lambda charge: {"state": ChargeState.CLOSED.value} if charge.state == ChargeState.OPEN else None,
    )


def refund(reference: str, amount_cents: int, key: str, now: datetime) -> tuple[RefundReceipt, str | None]:
    """`amount_cents` went back, once per key. Raises RefundRefused when the charge does not hold that much."""

    def decide(charge: SandboxCharge) -> dict[str, Any] | None:
        given = charge.refund_amounts
        if key in given:
            return None
        if charge.state != ChargeState.PAID or amount_cents < 1:
            raise RefundRefused("Only a paid charge can be refunded.")
        if charge.refunded_cents + amount_cents > charge.amount_cents:
            raise RefundRefused("More than was paid cannot be refunded.")
        return {
            "refunded_cents": charge.refunded_cents + amount_cents,
            "refunds": json.dumps(given | {key: amount_cents}),
        }

    charge, event_id = _happen(reference, now, "charge.refunded", decide)
    return RefundReceipt(f"{REFERENCE_PREFIX}re_{key}", charge.refund_amounts[key]), event_id


def _leave_open(
    reference: str, now: datetime, state: ChargeState, reason: str, seen: SandboxCharge | None = None
) -> tuple[SandboxCharge, str | None]:
    def decide(charge: SandboxCharge) -> dict[str, Any] | None:
        if charge.state != ChargeState.OPEN:
            return None
        if now >= charge.expires_at:
            return None
        return {"state": state.value, "reason": reason}

    return _happen(reference, now, f"charge.{state.value}", decide, seen)


def _happen(
    reference: str,
    now: datetime,
    kind: str,
    decide: Callable[[SandboxCharge], dict[str, Any] | None],
    seen: SandboxCharge | None = None,
) -> tuple[SandboxCharge, str | None]:
    event_id = f"evt_{new_id()}"
    intent = SandboxDelivery.create(
        shard=shard_of(reference), event_id=event_id, reference=reference, first_at=now, due_at=now
    )

    def with_event(charge: SandboxCharge) -> dict[str, Any] | None:
        changes = decide(charge)
        if changes is None:
            return None
        event = _event(event_id, kind, charge, changes, now)
        return changes | {"events": json.dumps([*charge.event_list, event])}

    try:
        charge = SandboxCharge.change((reference,), with_event, seen)
    except RefundRefused:
        intent.delete()
        raise
    if not any(event["id"] == event_id for event in charge.event_list):
        intent.delete()
        return charge, None
    return charge, event_id


def _event(event_id: str, kind: str, charge: SandboxCharge, changes: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "id": event_id,
        "type": kind,
        "created_at": instant_text(now),
        "charge": {
            "reference": charge.reference,
            "state": changes.get("state", charge.state),
            "amount_cents": charge.amount_cents,
            "refunded_cents": changes.get("refunded_cents", charge.refunded_cents),
            "currency": charge.currency,
            "reason": changes.get("reason", charge.reason or ""),
            "metadata": json.loads(charge.metadata_text or "{}"),
        },
    }
