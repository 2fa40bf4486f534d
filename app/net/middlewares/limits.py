"""How often one client may ask: by user when known, by address otherwise.

Four counts, from the outside in. Each refuses with 429 in the one error shape, with `Retry-After`:

| what is counted | for whom | setting | where |
| --- | --- | --- | --- |
| requests of the API | user; visitor's address | `rate_limit_user_per_minute`, `rate_limit_visitor_per_minute` | here |
| requests at one door that takes a secret (`takes_secret`) | the same | `rate_limit_secrets_per_minute` | here |
| requests at one door that sends something (`sends_message`) | the same | `rate_limit_messages_per_minute` | here |
| failures; mails and texts asked for | name, address, browser, person | `login_failures_...` | `accounts/attempts.py` |

The first three are counted in Redis, or in each process; the last in Cassandra, and so exact over all processes.
An IPv6 client is its /64. A visitor whose browser somebody has logged in with before is counted as that person's
visitor and not for the address, so that a school behind one address is not slowed by one pupil's guesses.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_login import current_user

from app.env import Settings
from app.net.errors import RateLimited, is_api_path
from app.net.middlewares.familiar import familiar_user_id
from app.plugins.rate_limits import Counter
from app.utils import addresses

WINDOW_SECONDS = 60
View = TypeVar("View", bound=Callable[..., Any])


def init_app(app: Flask) -> None:
    """Count every request of the API; pages, assets, probes and preflights are not counted."""
    settings: Settings = app.config["SETTINGS"]
    if not settings.rate_limit_enabled:
        return
    counter: Counter = app.extensions["rate_limits"]
    for_users, for_visitors = settings.rate_limit_user_per_minute, settings.rate_limit_visitor_per_minute

    def count() -> None:
        if not is_api_path(request.path) or request.method == "OPTIONS":
            return
        known = current_user.is_authenticated
        _ensure(counter.hit(_client(), for_users if known else for_visitors, WINDOW_SECONDS))

    app.before_request(count)


def at_most(times: int, *, window_seconds: int = WINDOW_SECONDS) -> Callable[[View], View]:
    """A tighter limit for one door, above the access decorator: `@at_most(5)` a minute and client."""
    return lambda view: _limited(view, lambda settings: times, window_seconds, "")


def takes_secret(view: View) -> View:
    """The tighter limit of a door where a password, code, link or token could be guessed."""
    return _limited(view, lambda settings: settings.rate_limit_secrets_per_minute, WINDOW_SECONDS, "secret")


def sends_message(view: View) -> View:
    """The tighter limit of a door that sends a mail or text."""
    return _limited(view, lambda settings: settings.rate_limit_messages_per_minute, WINDOW_SECONDS, "message")


def _limited(view: View, times: Callable[[Settings], int], window_seconds: int, door: str) -> View:
    @wraps(view)
    def limited(*args: Any, **kwargs: Any) -> Any:
        settings: Settings = current_app.config["SETTINGS"]
        if settings.rate_limit_enabled:
            counter: Counter = current_app.extensions["rate_limits"]
            _ensure(counter.hit(f"{request.endpoint} {_client()}", times(settings), window_seconds))
        return view(*args, **kwargs)

    limited.door = door  # type: ignore[attr-defined]
    return limited  # type: ignore[return-value]


def _client() -> str:
    if current_user.is_authenticated:
        return f"user:{current_user.id}"
    if user_id := familiar_user_id():
        return f"familiar:{user_id}"
    return f"address:{addresses.counted_as(request.remote_addr or '')}"


def _ensure(wait_seconds: float) -> None:
    if wait_seconds > 0:
        wait = max(1, round(wait_seconds))
        raise RateLimited("Too many requests. Please wait a little.", details={"retry_after_seconds": wait})
