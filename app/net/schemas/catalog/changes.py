"""What sellers say of their items: whole, for a new one as for a changed one."""

from typing import Annotated, Any, Literal

from pydantic import Field

from app.net.schemas.catalog.values import LIMITS, CurrencyCode, Link, Price, Slug, Words
from app.net.schemas.common import Body, Id
from app.services.catalog import ItemValues


class _ItemIn(Body):
    title: str = Field(max_length=LIMITS["title_max"])
    price: Price
    currency: CurrencyCode | None = Field(None, description="Default: the seller's.")
    slug: Slug | None = Field(None, description="Default: made of the title.")
    description: str = Field("", max_length=LIMITS["description_max"])
    category: Words | None = None
    status: Literal["draft", "published", "archived"] = "draft"
    cover: Link | None = None
    pictures: list[Link] = Field([], max_length=LIMITS["pictures_max"])

    def _values(self, **own: Any) -> ItemValues:
        return ItemValues(
            title=self.title,
            price=self.price,
            currency=self.currency,
            slug=self.slug,
            description=self.description,
            category=self.category or None,
            status=self.status,
            cover=self.cover,
            pictures=tuple(self.pictures),
            **own,
        )


class CourseIn(_ItemIn):
    """A course, whole. Seats null: unlimited."""

    school_id: Id | None = Field(None, description="Needed only by those who have several schools.")
    level: Literal["beginner", "intermediate", "advanced", "all"] | None = None
    seats: int | None = Field(None, ge=0, le=LIMITS["stock_max"])
    class_ids: list[Id] = Field([], max_length=100)

    def values(self) -> ItemValues:
        return self._values(stock=self.seats, own={"level": self.level, "class_ids": list(self.class_ids)})


class ProductIn(_ItemIn):
    """A product, whole. Stock null: not tracked."""

    store_id: Id | None = Field(None, description="Needed only by those who have several stores.")
    sku: str | None = Field(None, min_length=1, max_length=LIMITS["sku_max"])
    barcode: str | None = Field(None, max_length=LIMITS["barcode_max"])
    brand: str | None = Field(None, max_length=LIMITS["brand_max"])
    compare_at: Price | None = None
    stock: int | None = Field(None, ge=0, le=LIMITS["stock_max"])
    attributes: dict[
        Annotated[str, Field(min_length=1, max_length=LIMITS["attribute_name_max"])],
        Annotated[str, Field(max_length=LIMITS["attribute_text_max"])],
    ] = Field({}, max_length=LIMITS["attributes_max"])

    def values(self) -> ItemValues:
        own = {"barcode": self.barcode, "brand": self.brand, "attributes": dict(self.attributes)}
        return self._values(stock=self.stock, sku=self.sku, compare_at=self.compare_at, own=own)
