"""Devices that can be pushed to; a push token is one device's only, whoever had it before."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.models.accounts import PushToken, UserDevice
from app.utils.errors import ConcurrentChange, NotFound

MOST_DEVICES = 50
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Device:
    """What a client says of itself. platform: android, ios or web; push_token: empty when it cannot be pushed to."""

    device_id: str
    platform: str
    push_token: str = ""
    app_version: str = ""


def register_device(user_id: str, device: Device, *, now: datetime) -> UserDevice:
    """The device is this person's; its push token is nobody else's any more.

    The claim of the token decides: of any number of people who register it at once, one has it.
    """
    _make_room(user_id, device.device_id)
    row = UserDevice.find(user_id, device.device_id)
    old_token = row.push_token if row is not None else None
    values: dict[str, Any] = {
        "platform": device.platform,
        "push_token": device.push_token or None,
        "app_version": device.app_version,
        "seen_at": now,
    }
    if row is None:
        row = UserDevice.create(user_id=user_id, device_id=device.device_id, **values)
    else:
        row = row.update(**values)
    if old_token and old_token != device.push_token:
        _let_go(old_token, user_id, device.device_id)
    if device.push_token:
        _take(device.push_token, row)
    return row


def remove_device(user_id: str, device_id: str) -> None:
    """The device is forgotten and pushed to no more. Raises NotFound (404), for another's too."""
    row = UserDevice.find(user_id, device_id)
    if row is None:
        raise NotFound("There is no such device.")
    if row.push_token:
        _let_go(row.push_token, user_id, device_id)
    row.delete()


def list_devices(user_id: str) -> list[UserDevice]:
    """The person's devices, those seen last first."""
    return sorted(UserDevice.objects(user_id=user_id).limit(1000), key=lambda row: row.seen_at, reverse=True)


def push_targets(user_id: str) -> list[UserDevice]:
    """The devices that a push for this person goes to: those whose token is still theirs."""
    rows = [row for row in list_devices(user_id) if row.push_token]
    held = {claim.token_hash: claim for claim in PushToken.find_many([_hash(row.push_token) for row in rows])}
    return [row for row in rows if _is_of(held.get(_hash(row.push_token)), row)]


def _take(token: str, row: UserDevice) -> None:
    """The claim names this device; whoever it named before is not pushed to by this token any more."""
    before: list[tuple[str, str]] = []

    def decide(claim: PushToken) -> dict[str, str] | None:
        before[:] = [(claim.user_id, claim.device_id)]
        return None if _is_of(claim, row) else {"user_id": row.user_id, "device_id": row.device_id}

    for _ in range(_TRIES):
        claim, is_new = PushToken.create_if_absent(
            token_hash=_hash(token), user_id=row.user_id, device_id=row.device_id
        )
        if is_new:
            return
        with suppress(NotFound):  # its holder let it go just now
            PushToken.change(claim.key, decide)
            break
    loser = UserDevice.find(*before[0]) if before and before[0] != row.key else None
    if loser is not None and loser.push_token == token:
        loser.update(push_token=None)


def _let_go(token: str, user_id: str, device_id: str) -> None:
    claim = PushToken.find_serial(_hash(token))
    if claim is not None and (claim.user_id, claim.device_id) == (user_id, device_id):
        with suppress(ConcurrentChange):  # somebody took it over just now: then it is not ours to free
            claim.delete_if_unchanged()


def _make_room(user_id: str, device_id: str) -> None:
    others = [row for row in list_devices(user_id) if row.device_id != device_id]
    for row in others[MOST_DEVICES - 1 :]:
        with suppress(NotFound):
            remove_device(user_id, row.device_id)


def _is_of(claim: PushToken | None, row: UserDevice) -> bool:
    return claim is not None and (claim.user_id, claim.device_id) == (row.user_id, row.device_id)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
