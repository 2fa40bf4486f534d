"""Identifiers that sort by the second they were made in."""

from ksuid import Ksuid

ID_LENGTH = 27


def new_id() -> str:
    """A fresh KSUID: 27 base62 characters, the first of which hold the time in seconds."""
    return str(Ksuid())
