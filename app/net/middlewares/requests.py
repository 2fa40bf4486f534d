"""What happens round every request: an id, a clock, one log line, one measurement, the security headers."""

import re
import secrets
from time import perf_counter

import structlog
from flask import Flask, Response, g, request

from app.net.middlewares import csrf
from app.net.middlewares.headers import SecurityHeaders
from app.plugins.metrics import REQUEST_SECONDS

log = structlog.get_logger(__name__)

HEADER = "X-Request-Id"
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_UNLOGGED = frozenset({"/health", "/ready", "/metrics"})


def init_app(app: Flask) -> None:
    """Hook in: the first `before_request` and the last `after_request` of all."""
    headers = SecurityHeaders.of(app.config["SETTINGS"])

    def end(answer: Response) -> Response:
        headers.put_on(answer)
        answer.headers[HEADER] = g.request_id
        seconds = perf_counter() - g.started
        route = request.url_rule.rule if request.url_rule else "unknown"
        REQUEST_SECONDS.labels(request.method, route, answer.status_code).observe(seconds)
        if request.path not in _UNLOGGED:
            log.info(
                "request",
                method=request.method,
                path=request.path,
                route=route,
                status=answer.status_code,
                ms=round(seconds * 1000, 1),
            )
        return answer

    app.before_request(_begin)
    app.before_request(csrf.check)
    app.after_request(end)


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if _ACCEPTED.fullmatch(given) else secrets.token_hex(12)
    g.started = perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
