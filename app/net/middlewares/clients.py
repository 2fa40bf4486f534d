"""Who is asking, as far as counting and scoping go."""

from flask import request
from flask_login import current_user

from app.net.middlewares.cookies import cookie_name

VISITOR_COOKIE = "visitor"


def client_name() -> str:
    """`user:<id>`, `visitor:<cookie>` or `address:<ip>`: the one a rate or an idempotency key counts for."""
    if current_user.is_authenticated:
        return f"user:{current_user.id}"
    if visitor := request.cookies.get(cookie_name(VISITOR_COOKIE)):
        return f"visitor:{visitor}"
    return f"address:{request.remote_addr}"
