"""Instants as the wire writes them."""

from datetime import UTC, datetime


def instant_text(instant: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ` of an aware instant, cut to the second."""
    return instant.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
