"""The OpenAPI document: what flask-openapi3 collects, completed with what holds for every operation."""

import json
from http import HTTPStatus
from typing import Any

from flask_openapi3 import SecurityScheme

from app.net.middlewares import csrf

DOCUMENT_FILE = "docs-source/openapi.json"
"""The checked-in copy, from which the frontends' types are made; `python -m app.describe` writes it."""

UNSAFE_METHODS = frozenset({"post", "put", "patch", "delete"})
SECURITY_SCHEMES: dict[str, Any] = {
    "cookie": SecurityScheme.model_validate({"type": "apiKey", "in": "cookie", "name": "login_session"}),
    "csrf": SecurityScheme.model_validate({"type": "apiKey", "in": "header", "name": csrf.HEADER}),
    "bearer": SecurityScheme.model_validate({"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}),
}
_BEARER: dict[str, list[str]] = {"bearer": []}
_COOKIE: dict[str, list[str]] = {"cookie": []}
_COOKIE_WRITE: dict[str, list[str]] = {"cookie": [], "csrf": []}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "1 to 64 visible characters. The same key and body give the first answer again for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$"},
}
_REQUEST_ID = {
    "description": "Names this request in our logs; given back when the client sent one.",
    "schema": {"type": "string"},
}
_RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
_NEEDS = {
    "permission": "Needs the permission `{}`.",
    "tenant": "Needs the permission `{}` on this school or store.",
    "rank": "Needs the rank `{}`.",
}
_CONDITIONS = {
    "proof": "Asks for a recent proof of who you are.",
    "person": "Not for staff who act in somebody's name.",
}
_WORDS = {
    "400": "The request cannot be read.",
    "401": "No login, or one that ended.",
    "403": "No right, or no valid security token.",
    "404": "There is no such thing, or it is another's.",
    "409": "The present state does not allow it.",
    "413": "The request is too large.",
    "415": "The body's content type cannot be read here.",
    "422": "One or more values cannot be accepted; `fields` names them all.",
    "429": "Too many requests.",
    "500": "Something went wrong on our side.",
    "502": "The provider did not answer.",
    "503": "An engine is away.",
}


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """The document with security, common headers and the words of each refusal."""
    for path in document["paths"].values():
        for method, operation in path.items():
            _secure(method, operation)
            if operation.pop("x-idempotent", False):
                operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
            responses = operation["responses"]
            if _is_library_default(responses.get("422", {})):
                del responses["422"]
            for status, answer in responses.items():
                _describe(status, answer)
    document["components"]["schemas"].pop("ValidationErrorModel", None)
    return document


def _is_library_default(answer: dict[str, Any]) -> bool:
    """flask-openapi3 promises a 422 of its own shape wherever none is stated; such routes never answer it."""
    return "ValidationErrorModel" in str(answer.get("content", ""))


def document_text(app: Any) -> str:
    """The application's document as the checked-in copy holds it."""
    return json.dumps(app.api_document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _secure(method: str, operation: dict[str, Any]) -> None:
    rule, *conditions = operation.pop("x-access", "public").split("+")
    kind, _, name = rule.partition(":")
    exempt = operation.pop("x-csrf-exempt", False)
    needs = [_NEEDS[kind].format(name)] if name else []
    needs += [_CONDITIONS[condition] for condition in conditions]
    if needs:
        operation["description"] = f"{operation.get('description', '')}\n\n{' '.join(needs)}".strip()
    cookie = _COOKIE_WRITE if method in UNSAFE_METHODS and not exempt else _COOKIE
    if kind == "public":
        operation["security"] = []
    elif kind == "optional":
        operation["security"] = [{}, cookie, _BEARER]
    else:
        operation["security"] = [cookie, _BEARER]


def _describe(status: str, answer: dict[str, Any]) -> None:
    headers = answer.setdefault("headers", {})
    headers["X-Request-Id"] = _REQUEST_ID
    if status == "429":
        headers["Retry-After"] = _RETRY_AFTER
    answer["description"] = _WORDS.get(status) or answer.get("description") or HTTPStatus(int(status)).phrase
