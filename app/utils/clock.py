"""The clock, read only at the edges: routes, sockets, jobs and commands pass `now` inward."""

from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """The present instant as an aware UTC datetime cut to milliseconds, the precision Cassandra stores."""
    return at_milliseconds(datetime.now(UTC))


def at_milliseconds(instant: datetime) -> datetime:
    """The same instant with everything below a millisecond cut off."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def microseconds(instant: datetime) -> int:
    """Microseconds from the epoch to an aware instant, exact (no float rounding)."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
