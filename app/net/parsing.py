"""Requests become typed values here: all field errors at once, each named by its path."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin, get_type_hints

from flask import request
from pydantic import BaseModel, ValidationError

from app.net.errors import BadRequest, UnsupportedType
from app.utils.errors import InvalidValue, NotFound

JSON_MAX_BYTES = 1024 * 1024
_WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "blank": "must not be blank",
}


@dataclass(frozen=True)
class Parser:
    """What one route reads: at most one model each for path, query, body and form."""

    path: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    form: type[BaseModel] | None = None
    body_required: bool = True
    query_lists: frozenset[str] = field(default_factory=frozenset)
    form_lists: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, view: Callable[..., Any]) -> "Parser":
        """The parser a view's annotations ask for (`path:`, `query:`, `body:`, `form:`)."""
        target = inspect.unwrap(view)
        hints = get_type_hints(target)
        models = {name: hints.get(name) for name in ("path", "query", "body", "form")}
        parameter = inspect.signature(target).parameters.get("body")
        if parameter is not None and parameter.default is None:
            models["body"] = next(kind for kind in get_args(hints["body"]) if kind is not type(None))
        return cls(
            **models,
            body_required=parameter is None or parameter.default is inspect.Parameter.empty,
            query_lists=_list_fields(models["query"]),
            form_lists=_list_fields(models["form"]),
        )

    @property
    def reads_nothing(self) -> bool:
        return not (self.path or self.query or self.body or self.form)

    def parse(self, path_values: dict[str, Any]) -> dict[str, Any]:
        """The view's keyword arguments.

        Raises BadRequest (400), NotFound (404) for a path that cannot be one, UnsupportedType (415) and
        InvalidValue (422) naming every faulty field of query, body and form.
        """
        values: dict[str, Any] = dict(path_values)
        faults: dict[str, list[str]] = {}
        if self.path:
            values = {"path": self._path(path_values)}
        if self.query:
            values["query"] = _collect(faults, self._query)
        if self.body:
            values["body"] = _collect(faults, self._body)
        if self.form:
            values["form"] = _collect(faults, self._form)
        if faults:
            raise InvalidValue("One or more values cannot be accepted.", fields=faults)
        return values

    def _path(self, path_values: dict[str, Any]) -> BaseModel:
        assert self.path is not None
        try:
            return self.path.model_validate(path_values)
        except ValidationError:
            raise NotFound("There is no such thing here.") from None

    def _query(self) -> BaseModel:
        assert self.query is not None
        return self.query.model_validate(_flat(request.args, self.query_lists))

    def _body(self) -> BaseModel | None:
        assert self.body is not None
        raw = request.get_data()
        if not raw and not self.body_required:
            return None
        if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
            raise UnsupportedType("Send the body as application/json.")
        try:
            return self.body.model_validate_json(raw)
        except ValidationError as fault:
            if any(error["type"] == "json_invalid" for error in fault.errors(include_url=False)):
                raise BadRequest("The body is not readable JSON.") from None
            raise

    def _form(self) -> BaseModel:
        assert self.form is not None
        if request.mimetype not in ("multipart/form-data", "application/x-www-form-urlencoded"):
            raise UnsupportedType("Send the body as multipart/form-data.")
        given = _flat(request.form, self.form_lists) | _flat(request.files, self.form_lists)
        return self.form.model_validate(given)


def field_faults(fault: ValidationError) -> dict[str, list[str]]:
    """Request path → messages for every error pydantic found."""
    faults: dict[str, list[str]] = {}
    for error in fault.errors(include_url=False, include_input=False, include_context=False):
        path = ".".join(str(part) for part in error["loc"] if not _is_internal(part)) or "body"
        message = _WORDS.get(error["type"]) or error["msg"].removeprefix("Value error, ")
        texts = faults.setdefault(path, [])
        if message not in texts:
            texts.append(message)
    return faults


def _is_internal(part: str | int) -> bool:
    """Whether a location part names pydantic's own validator (`function-after[...]`) and no field."""
    return isinstance(part, str) and "[" in part


def _collect(faults: dict[str, list[str]], read: Callable[[], Any]) -> Any:
    try:
        return read()
    except ValidationError as fault:
        for path, texts in field_faults(fault).items():
            faults.setdefault(path, []).extend(texts)
        return None


def _flat(given: Any, lists: Iterable[str]) -> dict[str, Any]:
    values = given.to_dict()
    for name in lists:
        if name in values:
            values[name] = given.getlist(name)
    return values


def _list_fields(model: type[BaseModel] | None) -> frozenset[str]:
    if model is None:
        return frozenset()
    return frozenset(
        spec.alias or name
        for name, spec in model.model_fields.items()
        if any(get_origin(kind) is list or kind is list for kind in (spec.annotation, *get_args(spec.annotation)))
    )
