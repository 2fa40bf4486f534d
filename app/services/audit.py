"""The audit log: every use of a right over others leaves an entry that nobody can change."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.models import AdminLog

PERSONAL = frozenset(
    {
        "username", "email", "phone", "first_name", "last_name", "address_1", "address_2", "city", "area", "postcode",
        "avatar", "bio", "number", "name",
    }
)  # fmt: skip
"""Values of these names are noted as changed, never as they are: the log outlives the person's data."""
CHANGED = "(changed)"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something with a right over others, and from where. acting_as: in whose name, when not their own."""

    user_id: str
    address: str = ""
    request_id: str = ""
    acting_as: str = ""


SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done, to what. action: `area.object.verb`, such as `users.user.ban`."""

    action: str
    kind: str
    subject_id: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    reason: str = ""


def record(deed: Deed, by: Actor, *, now: datetime) -> AdminLog:
    """The entry is in the log; of `before` and `after` only what differs."""
    before, after = changes(deed.before or {}, deed.after or {})
    return AdminLog.create(
        at=now,
        actor_id=by.user_id,
        acting_as=by.acting_as,
        action=deed.action,
        kind=deed.kind,
        subject_id=deed.subject_id,
        before=_packed(before),
        after=_packed(after),
        reason=deed.reason,
        address=by.address,
        request_id=by.request_id,
    )


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What differs between both, personal values replaced by CHANGED."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return tuple(  # type: ignore[return-value]
        {name: CHANGED if name in PERSONAL and side[name] else side[name] for name in names if name in side}
        for side in (before, after)
    )


def _packed(values: Mapping[str, Any]) -> str:
    return json.dumps(values, default=str, ensure_ascii=False, sort_keys=True)
