"""The blueprint every API route hangs on: access first, then parsing, then the idempotency key, then the view."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar

from flask import request
from flask_openapi3 import APIBlueprint, Tag

from app.net.answers import Answers, ErrorAnswer
from app.net.middlewares.idempotency import run_once
from app.net.parsing import Parser

UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
Route = TypeVar("Route", bound=Callable[..., Any])
View = Callable[..., Any]


class ApiBlueprint(APIBlueprint):
    """A blueprint whose routes state what they answer, whom they let in and what they read.

    `@bp.post("", answers=created_answer(OrderOut), errors=(409,), idempotent=True)`

    answers: success statuses and their schemas (see `app.net.answers`).
    errors: refusals of the rule behind it; 400, 401, 403, 404, 413, 415, 422, 429, 500 and 503 are added by themselves.
    idempotent: reads `Idempotency-Key`.
    max_bytes: how large the request may be, where that is not the 1 MiB of JSON.
    csrf: False for doors with their own signature (webhooks).
    """

    def __init__(self, name: str, *, url_prefix: str = "", tag: str = "", description: str = "") -> None:
        tags = [Tag(name=tag or name.capitalize(), description=description or None)]
        super().__init__(name, __name__, url_prefix=url_prefix or None, abp_tags=tags)

    def get(self, rule: str, **options: Any) -> Callable[[Route], Route]:
        return self._route("GET", rule, options)

    def post(self, rule: str, **options: Any) -> Callable[[Route], Route]:
        return self._route("POST", rule, options)

    def put(self, rule: str, **options: Any) -> Callable[[Route], Route]:
        return self._route("PUT", rule, options)

    def patch(self, rule: str, **options: Any) -> Callable[[Route], Route]:
        return self._route("PATCH", rule, options)

    def delete(self, rule: str, **options: Any) -> Callable[[Route], Route]:
        return self._route("DELETE", rule, options)

    def _route(self, method: str, rule: str, options: dict[str, Any]) -> Callable[[Route], Route]:
        answers: Answers = options.pop("answers", {})
        errors: Sequence[int] = options.pop("errors", ())
        idempotent: bool = options.pop("idempotent", False)
        max_bytes: int | None = options.pop("max_bytes", None)
        csrf: bool = options.pop("csrf", True)
        operation_id: str | None = options.pop("operation_id", None)
        documented: bool = options.pop("documented", True)

        def register(view: Route) -> Route:
            parser = Parser.of(view)
            self._document(
                method,
                rule,
                view,
                answers=answers,
                errors={*errors, *_own_errors(method, view, parser, idempotent)},
                operation_id=operation_id or view.__name__,
                idempotent=idempotent,
                documented=documented,
                csrf=csrf,
            )
            served = _served(view, parser, idempotent=idempotent, max_bytes=max_bytes)
            served.csrf_exempt = not csrf  # type: ignore[attr-defined]
            self.add_url_rule(rule, view_func=served, methods=[method], **options)
            return view

        return register

    def _document(self, method: str, rule: str, view: View, **stated: Any) -> None:
        responses: dict[Any, Any] = dict(stated["answers"])
        for status in sorted(stated["errors"]):
            responses.setdefault(status, ErrorAnswer)
        extensions: dict[str, Any] = {"x-idempotent": True} if stated["idempotent"] else {}
        if access := getattr(view, "access", None):
            extensions["x-access"] = str(access)
        if not stated["csrf"]:
            extensions["x-csrf-exempt"] = True
        self._collect_openapi_info(
            rule,
            view,
            responses=responses,
            operation_id=stated["operation_id"],
            openapi_extensions=extensions,
            doc_ui=stated["documented"],
            method=method,
        )


def _own_errors(method: str, view: View, parser: Parser, idempotent: bool) -> set[int]:
    """The refusals that come from the frame and not from the rule behind a route."""
    errors = {429, 500, 503}
    if str(getattr(view, "access", "public")) != "public":
        errors |= {401, 403}
    if method in UNSAFE_METHODS:
        errors.add(403)
    if parser.path:
        errors.add(404)
    if parser.query:
        errors.add(422)
    if parser.body or parser.form:
        errors |= {400, 413, 415, 422}
    if idempotent:
        errors |= {409, 422}
    return errors


def _served(view: View, parser: Parser, *, idempotent: bool, max_bytes: int | None) -> View:
    """The function the URL map holds: the view with everything that stands before it."""
    ensure_access = getattr(getattr(view, "access", None), "ensure", None)

    @wraps(view)
    def served(**path_values: Any) -> Any:
        if max_bytes is not None:
            request.max_content_length = max_bytes
        if ensure_access is not None:
            ensure_access()
        values = parser.parse(path_values)
        if idempotent and (key := request.headers.get("Idempotency-Key")) is not None:
            return run_once(key, lambda: view(**values))
        return view(**values)

    return served
