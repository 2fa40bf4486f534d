"""`If-Match: <updated_at>` on updates: nobody overwrites what they have not seen."""

from datetime import datetime

from flask import request

from app.net.errors import Stale
from app.utils.instants import instant_text


def ensure_unchanged(updated_at: datetime) -> None:
    """Pass when the request names no state or the present one. Raises Stale (409) otherwise."""
    named = request.headers.get("If-Match")
    if named is None or named.strip() == "*":
        return
    if named.strip().strip('"') != instant_text(updated_at):
        raise Stale("This changed since you read it. Read it again.", details={"updated_at": instant_text(updated_at)})
