"""The user's devices, for push."""

from flask import Response

from app.net.answers import list_answer, listed, no_content, no_content_answer, one, one_answer
from app.net.http.accounts.blueprints import auth
from app.net.middlewares.access import current_user, in_person_required, login_required
from app.net.schemas.accounts.devices import DeviceIn, DeviceOut, DevicePath
from app.services.accounts import devices
from app.utils.clock import utc_now


@auth.get("/device", answers=list_answer(DeviceOut))
@login_required
def list_devices() -> Response:
    """My devices, those seen last first: all of them on one page."""
    shown = [DeviceOut.of(row) for row in devices.list_devices(current_user.id)]
    return listed(shown, size=len(shown), total=len(shown), next=None)


@auth.post("/device", answers=one_answer(DeviceOut), errors=(409,))
@in_person_required
def register_device(body: DeviceIn) -> Response:
    """This device is mine; whoever had its push token before is pushed to by it no more."""
    return _registered(body)


@auth.put("/device", answers=one_answer(DeviceOut), errors=(409,))
@in_person_required
def replace_device(body: DeviceIn) -> Response:
    """The same as POST."""
    return _registered(body)


@auth.delete("/device/<device_id>", answers=no_content_answer())
@in_person_required
def delete_device(path: DevicePath) -> Response:
    """Forget one of my devices."""
    devices.remove_device(current_user.id, path.device_id)
    return no_content()


def _registered(body: DeviceIn) -> Response:
    return one(DeviceOut.of(devices.register_device(current_user.id, body.device(), now=utc_now())))
