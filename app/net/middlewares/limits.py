"""How often one client may ask: by user when known, by address otherwise."""

import time

import structlog
from flask import Flask, request
from flask_limiter import Limiter, RequestLimit
from flask_login import current_user
from limits import RateLimitItemPerMinute
from limits.errors import StorageError

from app.env import Settings
from app.net.errors import RateLimited, is_api_path

log = structlog.get_logger(__name__)


def _client() -> str:
    return f"user:{current_user.id}" if current_user.is_authenticated else f"address:{request.remote_addr}"


def _refuse(limit: RequestLimit) -> None:
    raise _too_many(limit.reset_at)


limiter = Limiter(key_func=_client, on_breach=_refuse)
"""For doors that need a tighter limit: `@limiter.limit("5/minute")` on a view."""


def init_app(app: Flask) -> None:
    """Count in Redis when it is set, so that all processes count together; else in this process.

    The general quota asks the limiter's counter directly: its per-route evaluation costs ten times as much.
    """
    settings: Settings = app.config["SETTINGS"]
    app.config["RATELIMIT_ENABLED"] = settings.rate_limit_enabled
    app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url or "memory://"
    app.config["RATELIMIT_STRATEGY"] = "fixed-window"
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"wrap_exceptions": True}
    limiter.init_app(app)
    if not settings.rate_limit_enabled:
        return
    user_quota = RateLimitItemPerMinute(settings.rate_limit_user_per_minute)
    visitor_quota = RateLimitItemPerMinute(settings.rate_limit_visitor_per_minute)

    def count() -> None:
        if not is_api_path(request.path) or request.method == "OPTIONS":
            return
        if getattr(app.view_functions.get(request.endpoint or ""), "csrf_exempt", False):
            return  # a provider's events come in bursts from one address, and each proves itself by its signature
        quota = user_quota if current_user.is_authenticated else visitor_quota
        client = _client()
        try:
            if limiter.limiter.hit(quota, client):
                return
            reset_at = limiter.limiter.get_window_stats(quota, client).reset_time
        except StorageError as fault:
            log.warning("requests are not counted", reason=str(fault))
            return
        raise _too_many(reset_at)

    app.before_request(count)


def _too_many(reset_at: float) -> RateLimited:
    wait = max(1, round(reset_at - time.time()))
    return RateLimited("Too many requests. Please wait a little.", details={"retry_after_seconds": wait})
