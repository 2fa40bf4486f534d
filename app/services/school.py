"""Schools as sellers of courses."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.models import School
from app.services.stores import SellerProfile, open_seller
from app.utils.errors import InvalidValue


def open_school(
    profile: SellerProfile, *, owner_id: str, seller_id: str, time_zone: str = "UTC", now: datetime
) -> School:
    """A school exists and `owner_id` owns it; the same seller_id again returns it.

    time_zone: IANA name in which its class schedules are local. Raises InvalidValue (422).
    """
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        fault = "is not a time zone such as Europe/Berlin"
        raise InvalidValue("There is no such time zone.", fields={"time_zone": [fault]}) from None
    row = open_seller("school", profile, owner_id=owner_id, seller_id=seller_id, now=now, time_zone=time_zone)
    assert isinstance(row, School)
    return row
