"""Structured logs: one line an event, the request id on each, and no secret in any."""

from app.plugins.logs.redaction import redact
from app.plugins.logs.setup import init_app

__all__ = ["init_app", "redact"]
