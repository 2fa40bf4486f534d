"""The wire's shapes: what a route returns, and the same shapes for the OpenAPI document."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from flask import Response, json
from pydantic import BaseModel, ConfigDict, Field, create_model

_JSON = "application/json"

Answers = dict[int, type[BaseModel] | None]


def one(schema: BaseModel, status: int = 200) -> Response:
    """`{"data": {...}}`."""
    return Response(f'{{"data":{schema.model_dump_json()}}}', status, mimetype=_JSON)


def created(schema: BaseModel, location: str) -> Response:
    """201 with the new thing and, in Location, the path it is read at."""
    answer = one(schema, 201)
    answer.headers["Location"] = location
    return answer


def accepted(schema: BaseModel) -> Response:
    """202: the work is queued; the body says how to follow it."""
    return one(schema, 202)


def no_content() -> Response:
    """204 without a body."""
    return Response(status=204)


def listed(schemas: Iterable[BaseModel], *, size: int, total: int, next: str | None) -> Response:
    """`{"data": [...], "page": {"size", "total", "next"}}`; `next` is a signed cursor or None."""
    entries = ",".join([schema.model_dump_json() for schema in schemas])
    page = f'{{"size":{size},"total":{total},"next":{json.dumps(next)}}}'
    return Response(f'{{"data":[{entries}],"page":{page}}}', mimetype=_JSON)


class PageOut(BaseModel):
    """Where a list stands."""

    size: int
    total: int
    next: str | None = Field(description="Give it as `after` for the next page; null on the last.")

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class ErrorObject(BaseModel):
    """A refusal."""

    code: str = Field(description="Stable; listed in common/errors.json.", pattern="^[a-z][a-z0-9_]*$")
    message: str = Field(description="For people.")
    fields: dict[str, list[str]] | None = Field(None, description="Body or query path → messages; only with 422.")
    details: dict[str, Any] | None = Field(None, description="Values a client can act on.")
    request_id: str


class ErrorAnswer(BaseModel):
    """The one shape of every error."""

    error: ErrorObject


@cache
def _single(schema: type[BaseModel], suffix: str) -> type[BaseModel]:
    return create_model(f"{schema.__name__}{suffix}", data=(schema, ...))


@cache
def _created(schema: type[BaseModel]) -> type[BaseModel]:
    location = {"Location": {"description": "Path of the new thing.", "schema": {"type": "string"}}}
    config = ConfigDict(openapi_extra={"headers": location})  # type: ignore[typeddict-unknown-key]
    return create_model(f"{schema.__name__}Created", __config__=config, data=(schema, ...))


@cache
def _list(schema: type[BaseModel]) -> type[BaseModel]:
    return create_model(f"{schema.__name__}List", data=(list[schema], ...), page=(PageOut, ...))  # type: ignore[valid-type]


def one_answer(schema: type[BaseModel], *statuses: int) -> Answers:
    """200 (or these statuses) with one thing."""
    return dict.fromkeys(statuses or (200,), _single(schema, "Answer"))


def created_answer(schema: type[BaseModel]) -> Answers:
    """201 with the new thing and Location."""
    return {201: _created(schema)}


def accepted_answer(schema: type[BaseModel]) -> Answers:
    """202 with the queued work."""
    return {202: _single(schema, "Answer")}


def list_answer(schema: type[BaseModel]) -> Answers:
    """200 with one page of things."""
    return {200: _list(schema)}


def no_content_answer() -> Answers:
    """204."""
    return {204: None}
