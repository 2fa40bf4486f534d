"""The end of an account: closed at once, then erased part by part, by a job that any crash only delays.

Every part is repeatable, and `done` notes it only after its work, so whoever takes over repeats one part at most.
What stays, and why, each part says itself; docs-source/privacy.md is the rule in words.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.env import Settings
from app.models.accounts import INACTIVE, Erasure, User
from app.models.accounts.privacy import DONE, QUEUED, RUNNING
from app.plugins.apscheduler import Tally
from app.services.accounts import superusers, telling
from app.services.accounts.login import prove_by_password
from app.services.accounts.rights import Identity
from app.services.accounts.sessions import end_all_sessions, ensure_proved
from app.services.batches import act_on_each
from app.services.privacy import claims, market_parts
from app.services.privacy.claims import Clock
from app.services.privacy.parts import NotYet, Part, mirror_is_behind, refresh, subject_of
from app.services.privacy.registry import PARTS
from app.utils.errors import DomainError
from app.utils.security_log import note

JOB = "run-erasures"
BEGINS_AFTER = timedelta(minutes=2)
"""What was under way when the account was closed has come to its end by then."""


class AccountInUse(DomainError):
    """An order or a sale is still open, or nobody else is superuser (409); details: what, by kind and id."""

    code, status = "account_in_use", 409


@dataclass(frozen=True, slots=True)
class ErasureRequest:
    """Who wants to go, proved by the password given here, or else by the proof of the session."""

    identity: Identity
    password: str = field(default="", repr=False)


def request_erasure(request: ErasureRequest, *, now: datetime, settings: Settings) -> Erasure:
    """The account is closed, its logins are ended, and it is to be erased.

    Raises BadCredentials (401), TooManyAttempts (429), ProofRequired (403), AccountInUse (409),
    SearchUnavailable (503).
    """
    if request.password:
        prove_by_password(request.identity, request.password, now=now, settings=settings)
    else:
        ensure_proved(request.identity, now=now, settings=settings)
    user_id = request.identity.id
    ensure_nothing_open(user_id)
    row, _ = Erasure.create_if_absent(user_id=user_id, status=QUEUED, requested_at=now)
    try:
        _close(request.identity.user, now)
    except superusers.LastSuperuser:
        row.delete_if_unchanged()
        raise _in_use([("role", "superuser")]) from None
    note("account.closed", user=user_id)
    telling.account_closing(request.identity.email, user_id=user_id, now=now)
    return row


def ensure_nothing_open(user_id: str) -> None:
    """Raises AccountInUse (409) naming what stands in the way, SearchUnavailable (503)."""
    refresh()
    standing = [("order", order.id) for order in market_parts.open_orders(user_id)]
    standing += [("sale", order.id) for order in market_parts.open_sales(user_id)]
    standing += [("role", "superuser")] if superusers.is_last(user_id) else []
    if standing:
        raise _in_use(standing)


def _in_use(standing: Sequence[tuple[str, str]]) -> AccountInUse:
    return AccountInUse(
        "Something is still open on your account: see it through, or cancel it, first.",
        details={"open": [{"kind": kind, "id": thing_id} for kind, thing_id in standing]},
    )


def run_erasures(now: datetime, *, settings: Settings, clock: Clock) -> Tally:
    """Every closed account that is due is erased as far as it can be. Raises SearchUnavailable (503)."""
    due = [row for row in claims.find_work(Erasure, now) if row.requested_at <= now - BEGINS_AFTER]
    return act_on_each(due, lambda row: run_erasure(row.user_id, settings=settings, clock=clock), JOB)


def run_erasure(user_id: str, *, settings: Settings, clock: Clock, parts: Sequence[Part] = PARTS) -> Erasure | None:
    """Nothing is left of the person but what the rule keeps; None when there is nothing to do for this runner.

    A part whose time has not come leaves the row to a later run. Any other fault does so too, and is raised.
    """
    row = claims.take_over(Erasure, user_id, clock())
    user = User.find(user_id) if row else None
    if row is None or user is None:
        return None
    if user.erased_at is None:
        _close(user, clock())
    refresh()
    waits = mirror_is_behind(row.requested_at, clock())
    for part in () if waits else parts:
        if part.name in (row.done or ()) or (waits and part is parts[-1]):
            continue
        try:
            part.erase(subject_of(user, settings=settings, now=clock()))
        except NotYet:
            waits = True
            continue
        row = claims.note(row, done=[*(row.done or ()), part.name], heartbeat_at=clock())
    if waits:
        return claims.note(row, status=RUNNING, heartbeat_at=clock())
    row = claims.note(row, status=DONE, finished_at=clock())
    note("account.erased", user=user_id)
    return row


def _close(user: User, now: datetime) -> None:
    changes: dict[str, Any] = {} if user.status == INACTIVE else {"status": INACTIVE}
    if changes:
        is_counted = superusers.is_listed(user.id)
        with superusers.changed(user.id, stays=False, now=now) if is_counted else nullcontext():
            user.update(**changes)
    end_all_sessions(user.id, now=now)
