"""Telling every process that somebody's logins or rights have changed, without a broker."""

from datetime import datetime, timedelta

from app.models.accounts import RightsNotice

_MINUTE = timedelta(minutes=1)


def tell(user_id: str, *, now: datetime) -> None:
    """Processes that hold sockets of this person look at them again within a second."""
    RightsNotice.create(minute=_minute_of(now), at=now, user_id=user_id)


def heard(*, since: datetime, until: datetime) -> set[str]:
    """The people told of between the two instants, both included; at most some minutes apart."""
    people: set[str] = set()
    moment = since.replace(second=0, microsecond=0)
    while moment <= until:
        told = RightsNotice.objects(minute=_minute_of(moment)).filter(at__gte=since).limit(None)
        people.update(notice.user_id for notice in told)
        moment += _MINUTE
    return people


def _minute_of(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M}"
