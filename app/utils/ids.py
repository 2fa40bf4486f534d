"""Identifiers that sort by the second they were made in."""

from datetime import datetime

from ksuid import Ksuid

ID_LENGTH = 27


def new_id() -> str:
    """A fresh KSUID: 27 base62 characters, the first of which hold the time in seconds."""
    return str(Ksuid())


def id_at(instant: datetime, payload: bytes) -> str:
    """The KSUID of a given instant (its second) and 16 bytes: the same arguments, the same id."""
    return str(Ksuid(datetime=instant, payload=payload))
