"""Devices on the wire."""

from typing import Literal, Self

from pydantic import Field

from app.models.accounts import UserDevice
from app.net.schemas.common import Body, Id, Instant, Out, PathIds
from app.services.accounts.devices import Device


class DevicePath(PathIds):
    device_id: Id


class DeviceIn(Body):
    """A device as its client describes it; the same device_id again replaces what was known."""

    device_id: Id
    platform: Literal["android", "ios", "web"]
    push_token: str = Field("", max_length=4096, repr=False)
    app_version: str = Field("", max_length=40)

    def device(self) -> Device:
        return Device(**self.model_dump())


class DeviceOut(Out):
    """A device of the person; the push token itself is not shown."""

    device_id: str
    platform: str
    app_version: str
    can_push: bool
    seen_at: Instant

    @classmethod
    def of(cls, row: UserDevice) -> Self:
        return cls(
            device_id=row.device_id,
            platform=row.platform,
            app_version=row.app_version or "",
            can_push=bool(row.push_token),
            seen_at=row.seen_at,
        )
