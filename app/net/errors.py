"""The one error shape: every refusal, unknown path and fault leaves through the three handlers of this file."""

import traceback
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, json, render_template, request
from werkzeug.exceptions import HTTPException

from app.utils.errors import DomainError
from app.utils.security_log import note_refusal
from app.utils.shared import load_shared

log = structlog.get_logger(__name__)

ERRORS: dict[str, dict[str, Any]] = load_shared("errors")
_CODE_BY_STATUS = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "bad_request",
    413: "too_large",
    415: "unsupported_type",
    422: "invalid",
    429: "rate_limited",
    503: "store_unavailable",
}


class BadRequest(DomainError):
    """The request cannot be read: no JSON, or queries that contradict each other (400)."""

    code, status = "bad_request", 400


class UnsupportedType(DomainError):
    """The body's content type is not one this operation reads (415)."""

    code, status = "unsupported_type", 415


class CsrfFailed(DomainError):
    """A write with cookies came without the token of its own session (403)."""

    code, status = "csrf_failed", 403


class Stale(DomainError):
    """The thing changed since the client read it; If-Match names an older state (409)."""

    code, status = "stale", 409


class RateLimited(DomainError):
    """Too many requests in the window; `details.retry_after_seconds` says when to come back (429)."""

    code, status = "rate_limited", 429


def init_app(app: Flask) -> None:
    """Register the three handlers; nothing else in the product builds an error body."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)


def is_api_path(path: str) -> bool:
    """Whether clients of this path read JSON, errors included."""
    return path.startswith("/api/") or path == "/api"


def error_object(
    code: str,
    message: str = "",
    *,
    fields: dict[str, list[str]] | None = None,
    details: dict[str, Any] | None = None,
    status: int = 422,
) -> dict[str, Any]:
    """The object under `error`; sockets emit the same one."""
    shape: dict[str, Any] = {"code": code, "message": message or ERRORS[code]["message"]}
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        shape["fields"] = fields or {}
    if details:
        shape["details"] = details
    return shape


def domain_error_object(error: DomainError) -> dict[str, Any]:
    """A refusal in the wire's words."""
    return error_object(error.code, error.message, fields=error.fields, details=error.details, status=error.status)


def _domain_error(error: DomainError) -> Response:
    answer = _answer(domain_error_object(error), error.status)
    g.refusal_code = error.code
    note_refusal(error, user=_known_user(), method=request.method, route=_route())
    wait = error.details.get("retry_after_seconds")
    if wait:
        answer.headers["Retry-After"] = str(max(1, int(wait)))
    # whoever is told when to come back is refused on purpose, and under attack ten thousand times
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not wait:
        log.warning("refused", code=error.code, message=error.message, cause=repr(error.__cause__))
    return answer


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < HTTPStatus.BAD_REQUEST:
        return error.get_response()  # type: ignore[return-value]
    code = _CODE_BY_STATUS.get(status, "internal" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "bad_request")
    answer = _answer(error_object(code, status=status), status)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value
    return answer


def _fault(error: Exception) -> Response:
    log.exception("fault", path=request.path, method=request.method)
    details = None
    if current_app.config["SETTINGS"].profile == "development":
        details = {"trace": traceback.format_exception(error)[-6:]}
    return _answer(error_object("internal", details=details, status=500), 500)


def _known_user() -> str:
    """Whose request it is, if that was looked up already; asking now could need the store that is away."""
    return getattr(g.get("_login_user"), "id", None) or ""


def _route() -> str:
    return request.url_rule.rule if request.url_rule else "unknown"


def _answer(shape: dict[str, Any], status: int) -> Response:
    shape["request_id"] = g.get("request_id", "")
    if is_api_path(request.path) or request.accept_mimetypes.best == "application/json":
        return Response(json.dumps({"error": shape}), status, mimetype="application/json")
    name = "404.html" if status == HTTPStatus.NOT_FOUND else "error.html"
    return Response(render_template(name, error=shape, status=status), status, mimetype="text/html")
