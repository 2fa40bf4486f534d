"""The order's state machine: which status may follow which, and which step of the saga is then still to do."""

import json
from datetime import datetime
from typing import Any

from app.models import Order
from app.utils.errors import DomainError
from app.utils.instants import instant_text
from app.utils.statuses import transitions

TRANSITIONS = transitions("order")

# The saga's program counter, kept in the row beside the status: what is still to be done for this order.
RESERVE, AWAIT_PAYMENT, FINISH, RELEASE, DONE = "reserve", "await_payment", "finish", "release", "done"
STEP_AFTER = {
    "reserving": RESERVE,
    "pending": AWAIT_PAYMENT,
    "paid": FINISH,
    "cancelled": RELEASE,
    "expired": RELEASE,
    "refused": RELEASE,
}


class OrderStateConflict(DomainError):
    """The order is in a status from which this cannot happen (409)."""

    code, status = "order_state", 409


def can_become(status: str, following: str) -> bool:
    """Whether an order in `status` may go to `following`. Raises KeyError for an unknown status."""
    return following in TRANSITIONS[status]


def ensure_can_become(status: str, following: str) -> None:
    """Raises OrderStateConflict (409), with the present status in its details, when the move is not allowed."""
    if not can_become(status, following):
        raise OrderStateConflict(
            f"An order that is {status} cannot become {following}.",
            details={"status": status, "wanted": following},
        )


def moved(order: Order, following: str, *, actor: str, now: datetime, **details: Any) -> dict[str, Any]:
    """The column changes that take the order to `following`, its timeline entry included.

    actor: a user id, or the part of the system that acted. Raises OrderStateConflict (409).
    """
    ensure_can_become(order.status, following)
    return {
        "status": following,
        "step": STEP_AFTER.get(following, DONE),
        "changed_at": now,
        "timeline": noted(order.events, following, actor=actor, now=now, **details),
    }


def noted(events: list[dict[str, Any]], what: str, *, actor: str, now: datetime, **details: Any) -> str:
    """The text of a timeline with one more entry at its end; earlier entries never change."""
    entry: dict[str, Any] = {"at": instant_text(now), "actor": actor, "what": what}
    if details:
        entry["details"] = details
    return json.dumps([*events, entry], ensure_ascii=False, separators=(",", ":"))
