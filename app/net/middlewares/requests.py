"""What happens round every request: an id, a clock, one log line, one measurement, the security headers."""

import os
import random
import re
from time import perf_counter
from typing import Any

import structlog
from flask import Flask, Request, Response, g, request

from app.net.errors import is_api_path
from app.net.middlewares import csrf
from app.net.middlewares.headers import put_policy_on
from app.plugins.metrics import REQUEST_SECONDS

HEADER = "X-Request-Id"
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_UNLOGGED = frozenset({"/health", "/ready", "/metrics"})
_ID_BITS = 96
_ids = random.Random()
os.register_at_fork(after_in_child=_ids.seed)


def init_app(app: Flask) -> None:
    """Hook in: the first `before_request` and the last `after_request` of all.

    This runs with every request, so what can be looked up once is: the logger and the meters.
    """
    log = structlog.get_logger(__name__).bind()
    meters: dict[tuple[str, str, int], Any] = {}

    def end(answer: Response) -> Response:
        asked, kept = request._get_current_object(), g._get_current_object()  # type: ignore[attr-defined]
        put_policy_on(answer, kept.get("style_nonce"))
        answer.headers.add(HEADER, kept.request_id)
        if _is_for_one(asked) and "Cache-Control" not in answer.headers:
            answer.headers.add("Cache-Control", "no-store")
        seconds = perf_counter() - kept.started
        route = asked.url_rule.rule if asked.url_rule else "unknown"
        meter = (asked.method if route != "unknown" else "any", route, answer.status_code)
        if meter not in meters:
            meters[meter] = REQUEST_SECONDS.labels(*meter)
        meters[meter].observe(seconds)
        if asked.path not in _UNLOGGED:
            log.info(
                "request",
                method=asked.method,
                path=asked.path,
                route=route,
                status=answer.status_code,
                ms=round(seconds * 1000, 1),
                **_who_and_why(kept),
            )
        return answer

    app.before_request(_begin)
    app.before_request(csrf.check)
    app.after_request(end)


def _is_for_one(asked: Request) -> bool:
    """Whether the answer may tell something about who asks, so that no cache may keep it."""
    return is_api_path(asked.path) and ("HTTP_COOKIE" in asked.environ or "HTTP_AUTHORIZATION" in asked.environ)


def _who_and_why(kept: Any) -> dict[str, str]:
    """Whose request it was, where that was looked up, and the code of its refusal."""
    found = {"user": getattr(kept.get("_login_user"), "id", None), "code": kept.get("refusal_code")}
    return {name: value for name, value in found.items() if value}


def _begin() -> None:
    given = request.headers.get(HEADER, "")
    g.request_id = given if _ACCEPTED.fullmatch(given) else f"{_ids.getrandbits(_ID_BITS):024x}"
    g.started = perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
