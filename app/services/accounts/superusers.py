"""The superusers who are active, so that one always stays.

Making and unmaking one takes three steps: a conditional write to the roster that announces it, the user's row, a
conditional write that settles it. Whoever is on the move does not count as somebody left; two people on the move at
once see each other, because both write the same row.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from app.models.accounts import SuperuserRoster, User
from app.utils.errors import ConcurrentChange, DomainError
from app.utils.ids import new_id

ROSTER = "superusers"
ABANDONED_AFTER = timedelta(minutes=1)
_MEMBER, _MOVING = "member", "moving"

Entries = dict[str, dict[str, str]]


class LastSuperuser(DomainError):
    """Without this superuser there would be none (409)."""

    code, status = "last_superuser", 409


@contextmanager
def changed(user_id: str, *, stays: bool, now: datetime) -> Iterator[None]:
    """The block writes the user's row, by which the user is (`stays`) or is not an active superuser.

    What the roster says afterwards is what the row says then, whatever became of the block.
    Raises LastSuperuser (409) before the block, ConcurrentChange (409) while somebody else does the same.
    """
    token = new_id()
    _announce(user_id, token, stays=stays, now=now)
    settled = False
    try:
        yield
    finally:
        settled = _settle(user_id, token)
    if not settled:
        raise ConcurrentChange("Somebody changed this first. Read it again and retry.")


def ensure_listed(user: User, *, now: datetime) -> None:
    """An active superuser counts as one; for accounts that are made as superusers. Doing it again changes nothing."""
    if user.is_superuser and user.is_active and not is_listed(user.id):
        with changed(user.id, stays=True, now=now):
            pass


def is_listed(user_id: str) -> bool:
    """Whether the user counts as an active superuser."""
    roster = SuperuserRoster.find(ROSTER)
    return roster is not None and _entries(roster).get(user_id, {}).get("state") == _MEMBER


def is_last(user_id: str) -> bool:
    """Whether the user counts as the only active superuser; `changed` decides."""
    roster = SuperuserRoster.find(ROSTER)
    members = {holder for holder, entry in _entries(roster).items() if entry["state"] == _MEMBER} if roster else set()
    return members == {user_id}


def _announce(user_id: str, token: str, *, stays: bool, now: datetime) -> None:
    """The user is on the move."""
    SuperuserRoster.create_if_absent(name=ROSTER)

    def decide(roster: SuperuserRoster) -> dict[str, Any]:
        entries = _entries(roster)
        own = entries.get(user_id, {})
        if own.get("state") == _MOVING and datetime.fromisoformat(own["since"]) > now - ABANDONED_AFTER:
            raise ConcurrentChange("Somebody is changing this right now. Read it again and retry.")
        if not stays and not any(
            entry["state"] == _MEMBER for other_id, entry in entries.items() if other_id != user_id
        ):
            raise LastSuperuser("This is the last superuser. Make another one first.")
        entries[user_id] = {"state": _MOVING, "token": token, "since": now.isoformat()}
        return {"entries": json.dumps(entries)}

    SuperuserRoster.change((ROSTER,), decide)


def _settle(user_id: str, token: str) -> bool:
    """The move is over; False when it took so long that somebody else has taken over."""
    user, won = User.find(user_id), False
    stays = user is not None and user.is_superuser and user.is_active

    def decide(roster: SuperuserRoster) -> dict[str, Any] | None:
        nonlocal won
        entries = _entries(roster)
        won = entries.get(user_id, {}).get("token") == token
        if not won:
            return None
        if stays:
            entries[user_id] = {"state": _MEMBER}
        else:
            del entries[user_id]
        return {"entries": json.dumps(entries)}

    SuperuserRoster.change((ROSTER,), decide)
    return won


def _entries(roster: SuperuserRoster) -> Entries:
    return json.loads(roster.entries or "{}")
