"""Ids that are the same on every run."""

import hashlib
from datetime import datetime

from app.utils.ids import id_at


def fixed_id(name: str, at: datetime) -> str:
    """The KSUID of a seeded row: its second from `at`, the rest from its name."""
    return id_at(at, hashlib.sha256(f"seed:{name}".encode()).digest()[:16])
