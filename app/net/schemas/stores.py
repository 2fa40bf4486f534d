"""What schools and stores look like on the wire."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field

from app.net.schemas.common import Out, PageQuery


class SellerQuery(PageQuery):
    """Which schools or stores."""

    q: Annotated[str, Field(max_length=200)] | None = Field(None, description="Words in name and description.")


class SellerOut(Out):
    """A school or store as everybody sees it."""

    id: str
    kind: str
    slug: str
    name: str
    tagline: str
    description: str
    logo: str | None
    cover: str | None
    city: str
    country: str
    currency: str
    rating: float | None
    rating_count: int

    @classmethod
    def of(cls, kind: str, row: Any) -> Self:
        return cls.of_document(kind, {name: getattr(row, name) for name in cls.model_fields if name != "kind"})

    @classmethod
    def of_document(cls, kind: str, document: Mapping[str, Any]) -> Self:
        return cls(
            id=document["id"],
            kind=kind,
            slug=document["slug"],
            name=document["name"],
            tagline=document.get("tagline") or "",
            description=document.get("description") or "",
            logo=document.get("logo") or None,
            cover=document.get("cover") or None,
            city=document.get("city") or "",
            country=document.get("country") or "",
            currency=document["currency"],
            rating=document.get("rating"),
            rating_count=document.get("rating_count") or 0,
        )
