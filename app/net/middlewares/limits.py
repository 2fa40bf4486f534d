"""How often one client may ask: by user when known, by address otherwise."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_login import current_user

from app.env import Settings
from app.net.errors import RateLimited, is_api_path
from app.plugins.rate_limits import Counter

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

    def limit(view: View) -> View:
        @wraps(view)
        def limited(*args: Any, **kwargs: Any) -> Any:
            if current_app.config["SETTINGS"].rate_limit_enabled:
                counter: Counter = current_app.extensions["rate_limits"]
                _ensure(counter.hit(f"{request.endpoint} {_client()}", times, window_seconds))
            return view(*args, **kwargs)

        return limited  # type: ignore[return-value]

    return limit


def _client() -> str:
    return f"user:{current_user.id}" if current_user.is_authenticated else f"address:{request.remote_addr}"


def _ensure(wait_seconds: float) -> None:
    if wait_seconds > 0:
        wait = max(1, round(wait_seconds))
        raise RateLimited("Too many requests. Please wait a little.", details={"retry_after_seconds": wait})
