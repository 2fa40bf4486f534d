"""The catalog's own types on the wire, and what its paths hold."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.net.schemas.common import PathIds
from app.utils.money import CURRENCIES
from app.utils.shared import load_shared

LIMITS = load_shared("limits")
LEVELS = load_shared("levels")
_SLUG = r"^[^\W_]+(-[^\W_]+)*$"


def _known_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise PydanticCustomError("currency", "must be a code of ISO 4217 such as USD")
    return code


Kind = Literal["course", "product"]
Price = Annotated[
    str, StringConstraints(pattern=r"^\d{1,9}(\.\d{1,4})?$"), Field(json_schema_extra={"examples": ["19.99"]})
]
CurrencyCode = Annotated[str, AfterValidator(_known_currency), Field(json_schema_extra={"enum": sorted(CURRENCIES)})]
Sort = Literal["price", "-price", "new", "popular", "rating"]
Slug = Annotated[str, Field(max_length=LIMITS["slug_max"], pattern=_SLUG)]
Link = Annotated[str, Field(max_length=LIMITS["url_max"], pattern=r'^(https?://|/)[^\s<>"]+$')]
Level = Annotated[str, Field(json_schema_extra={"enum": list(LEVELS)})]
Words = Annotated[str, Field(max_length=200)]


class ItemPath(PathIds):
    """An id, or where the route says so a slug."""

    item: Annotated[str, Field(min_length=1, max_length=200)]


class SellerPath(PathIds):
    seller: Annotated[str, Field(min_length=1, max_length=200)]
