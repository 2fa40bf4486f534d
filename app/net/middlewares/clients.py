"""Who is asking, as far as counting and scoping go."""

from flask import request
from flask_login import current_user

VISITOR_COOKIE = "visitor"


def client_name() -> str:
    """`user:<id>`, `visitor:<cookie>` or `address:<ip>`: the one a rate or an idempotency key counts for."""
    if current_user.is_authenticated:
        return f"user:{current_user.id}"
    if visitor := request.cookies.get(VISITOR_COOKIE):
        return f"visitor:{visitor}"
    return f"address:{request.remote_addr}"
