"""What every schema is made of: strict bodies, lenient queries, and the wire's own types."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from werkzeug.datastructures import FileStorage

from app.utils.instants import instant_text

PAGE_SIZE_DEFAULT = 20
PAGE_SIZE_MAX = 100
CURSOR_MAX_LENGTH = 2000
_MONEY_PATTERN = r"^-?\d{1,15}(\.\d{1,4})?$"
_MONEY = re.compile(_MONEY_PATTERN, re.ASCII)


def _money(text: str) -> str:
    if not _MONEY.match(text):
        raise PydanticCustomError("money", "must be a decimal number such as 12.50")
    return text


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise PydanticCustomError("instant", "must name its zone, as in 2026-01-31T12:00:00Z")
    return instant.astimezone(UTC)


MoneyText = Annotated[
    str,
    AfterValidator(_money),
    WithJsonSchema({"type": "string", "pattern": _MONEY_PATTERN, "examples": ["12.50"]}),
]
"""A decimal string with its currency's own number of decimals; `utils.money` turns it into minor units."""

Instant = Annotated[
    datetime,
    AfterValidator(_aware),
    PlainSerializer(instant_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-01-31T12:00:00Z"]}),
]
"""An aware UTC datetime, written as `YYYY-MM-DDTHH:MM:SSZ`."""

Upload = Annotated[FileStorage, WithJsonSchema({"type": "string", "format": "binary"})]
"""A file of a multipart form; a text in its place is refused."""

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
"""The text of a key in a path or body."""


class Body(BaseModel):
    """A JSON body: unknown keys, numbers given as strings and blank required texts are refused, texts trimmed."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True, allow_inf_nan=False)

    @field_validator("*", mode="after")
    @classmethod
    def _not_blank(cls, value: Any, info: ValidationInfo) -> Any:
        if value == "" and isinstance(value, str) and cls.model_fields[info.field_name or ""].is_required():
            raise PydanticCustomError("blank", "must not be blank")
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler.resolve_ref_schema(handler(schema))
        for name in described.get("required", ()):
            spec = described["properties"][name]
            if spec.get("type") == "string" and not {"enum", "const", "format", "pattern"} & spec.keys():
                spec.setdefault("minLength", 1)
                spec["pattern"] = r"\S"
        return described

    def given(self) -> dict[str, Any]:
        """The fields the client sent, for PATCH."""
        return self.model_dump(exclude_unset=True)


class Query(BaseModel):
    """Query names: read from text, unknown ones ignored."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, allow_inf_nan=False)


class Form(BaseModel):
    """A multipart form, files included: unknown names are refused, numbers are read from text."""

    model_config = ConfigDict(
        extra="forbid", str_strip_whitespace=True, allow_inf_nan=False, arbitrary_types_allowed=True
    )


class PathIds(BaseModel):
    """The ids in a path. A text that cannot be an id answers 404, as an unknown one does."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)


class Out(BaseModel):
    """What leaves the product; made from keyword values, never from a request."""

    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="null")


class PageQuery(Query):
    """One page of a list: `size` entries behind the cursor `after`."""

    size: int = Field(PAGE_SIZE_DEFAULT, ge=1, le=PAGE_SIZE_MAX, description="Entries on a page.")
    after: str | None = Field(
        None, min_length=1, max_length=CURSOR_MAX_LENGTH, description="`page.next` of the page before."
    )


class TablePageQuery(PageQuery):
    """A page of an admin table, which may also be asked for by number."""

    page: int = Field(1, ge=1, le=1_000_000, description="Page number; page × size goes to 10000 at most.")


@dataclass(frozen=True)
class SortBy:
    """Marks a query text as a sort order: one of `names`, with `-` before it for descending.

    `sort: Annotated[str, SortBy("created_at", "price")] = "-created_at"`
    """

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        object.__setattr__(self, "names", names)

    @property
    def choices(self) -> Sequence[str]:
        return [sign + name for name in self.names for sign in ("", "-")]

    def _check(self, text: str) -> str:
        if text.removeprefix("-") not in self.names:
            raise PydanticCustomError("sort", "must be one of {names}", {"names": ", ".join(self.choices)})
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "enum": list(self.choices)}
