"""How often something happened in a window: counted in Redis for all processes together, or in this process.

`limits` is the engine of Flask-Limiter. Its request hooks are left out, for they cost more than reading a row does,
and so is its in-memory store, which starts threads; counting in a dictionary needs neither.
"""

import threading
import time
from typing import Protocol

import structlog
from flask import Flask
from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from app.env import Settings

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 0.5
AWAY_SECONDS = 5.0


class Counter(Protocol):
    """Counts hits in fixed windows."""

    def hit(self, client: str, allowed: int, window_seconds: int) -> float:
        """Count one; 0 when it is among the allowed, else the seconds until the window ends."""


class ProcessCounter:
    """Counts in this process; old windows are forgotten as time goes on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, int, int], int] = {}
        self._forget_at = 0.0

    def hit(self, client: str, allowed: int, window_seconds: int) -> float:
        now = time.time()
        window = int(now // window_seconds)
        key = (client, window_seconds, window)
        with self._lock:
            if now >= self._forget_at:
                self._forget(now)
            count = self._counts.get(key, 0) + 1
            self._counts[key] = count
        return 0 if count <= allowed else (window + 1) * window_seconds - now

    def _forget(self, now: float) -> None:
        self._counts = {key: n for key, n in self._counts.items() if (key[2] + 1) * key[1] > now}
        self._forget_at = now + 60


class SharedCounter:
    """Counts in Redis. While Redis is away each process counts for itself, and looks again after some seconds."""

    def __init__(self, url: str) -> None:
        patience = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
        self._limiter = FixedWindowRateLimiter(storage_from_string(url, wrap_exceptions=True, **patience))
        self._alone = ProcessCounter()
        self._away_until = 0.0

    def hit(self, client: str, allowed: int, window_seconds: int) -> float:
        if time.monotonic() < self._away_until:
            return self._alone.hit(client, allowed, window_seconds)
        item = RateLimitItemPerSecond(allowed, window_seconds)
        try:
            if self._limiter.hit(item, client):
                return 0
            return max(1.0, self._limiter.get_window_stats(item, client).reset_time - time.time())
        except StorageError as fault:
            self._away_until = time.monotonic() + AWAY_SECONDS
            log.warning("requests are counted by process, Redis does not answer", reason=str(fault))
            return self._alone.hit(client, allowed, window_seconds)


def init_app(app: Flask) -> None:
    """Give the application its counter."""
    settings: Settings = app.config["SETTINGS"]
    app.extensions["rate_limits"] = SharedCounter(settings.redis_url) if settings.redis_url else ProcessCounter()


__all__ = ["Counter", "ProcessCounter", "SharedCounter", "init_app"]
