"""Numbers for Prometheus, summed over worker processes when PROMETHEUS_MULTIPROC_DIR names a folder."""

import os

from flask import Flask
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

REQUEST_SECONDS = Histogram(
    "http_request_duration_seconds",
    "Time to answer, by route template.",
    ("method", "route", "status"),
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
FAULTS = Counter("http_faults_total", "Requests that ended in an unexpected error.", ("route",))
OUTBOX_LAG_SECONDS = Gauge(
    "mirror_outbox_lag_seconds", "Age of the oldest unsent mirror entry.", multiprocess_mode="mostrecent"
)
OUTBOX_LENGTH = Gauge("mirror_outbox_entries", "Mirror entries not sent yet.", multiprocess_mode="mostrecent")
ENGINE_UP = Gauge("engine_up", "1 while the engine answers.", ("engine",), multiprocess_mode="mostrecent")
SOCKETS = Gauge("socket_connections", "Open socket connections.", ("namespace",), multiprocess_mode="livesum")

__all__ = [
    "ENGINE_UP",
    "FAULTS",
    "OUTBOX_LAG_SECONDS",
    "OUTBOX_LENGTH",
    "REQUEST_SECONDS",
    "SOCKETS",
    "exposition",
    "init_app",
]


def init_app(app: Flask) -> None:
    """Nothing to connect; the numbers live in this process or in the folder that the environment names."""
    app.extensions["metrics"] = REGISTRY


def exposition() -> tuple[bytes, str]:
    """The text Prometheus scrapes, and its content type."""
    registry: CollectorRegistry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    return generate_latest(registry), CONTENT_TYPE_LATEST
