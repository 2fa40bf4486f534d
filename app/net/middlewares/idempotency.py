"""The `Idempotency-Key` header: the same key and body give the first answer again."""

import hashlib
import re
from collections.abc import Callable
from typing import Any

import structlog
from flask import Response, current_app, request

from app.net.middlewares.clients import client_name
from app.services import idempotency
from app.services.idempotency import Answer
from app.utils.clock import utc_now
from app.utils.errors import DomainError, InvalidValue

log = structlog.get_logger(__name__)

KEY = re.compile(r"[\x21-\x7e]{1,64}")
_PART_BYTES = 256 * 1024
_KEPT_HEADERS = ("Content-Type", "Location")


def run_once(key: str, view: Callable[[], Any]) -> Response:
    """The view's answer, or the one kept under this key.

    Raises InvalidValue (422) for a malformed key, IdempotencyMismatch (422), InProgress (409).
    """
    if not KEY.fullmatch(key):
        raise InvalidValue(
            "The Idempotency-Key cannot be used.", fields={"Idempotency-Key": ["must be 1 to 64 visible characters"]}
        )
    scope = idempotency.scope_of(client_name(), request.method, request.full_path, key)
    claimed = idempotency.claim(scope, _body_digest(), now=utc_now())
    if claimed.answer:
        return _replayed(claimed.answer)
    try:
        response = _run(view)
    except BaseException:
        idempotency.release(claimed)
        raise
    kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    if not idempotency.finish(claimed, Answer(response.status_code, response.get_data(), kept)):
        log.warning("idempotency claim was taken over", path=request.path)
    return response


def _run(view: Callable[[], Any]) -> Response:
    """The view's answer, its refusals included: they are answers too."""
    try:
        return current_app.make_response(view())
    except DomainError as refusal:
        return current_app.make_response(current_app.handle_user_exception(refusal))


def _replayed(answer: Answer) -> Response:
    response = Response(answer.content, answer.status)
    response.headers.update(answer.headers)
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _body_digest() -> str:
    """A digest of what was sent; a form's boundary, which differs at each try, is no part of it."""
    digest = hashlib.sha256()
    if request.mimetype != "multipart/form-data":
        digest.update(request.get_data())
        return digest.hexdigest()
    for name, value in sorted(request.form.items(multi=True)):
        digest.update(f"{name}={value}\n".encode())
    for name, file in sorted(request.files.items(multi=True), key=lambda entry: entry[0]):
        digest.update(f"{name}:{file.filename}\n".encode())
        while part := file.stream.read(_PART_BYTES):
            digest.update(part)
        file.stream.seek(0)
    return digest.hexdigest()
