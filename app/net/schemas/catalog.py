"""What the catalog reads and answers on the wire."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.net.answers import PageOut
from app.net.schemas.common import Body, Id, Instant, MoneyText, Out, PageQuery, PathIds
from app.services.catalog import ItemFilter, ItemPage, ItemValues
from app.services.catalog.pricing import BANDS, accept_price
from app.utils.money import CURRENCIES, to_text
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


class _Listing(PageQuery):
    q: Words | None = Field(None, description="Words in title and description; misspelt ones are forgiven.")
    category: list[Words] = Field([], max_length=20, description="Category slugs, children included.")
    seller: list[Words] = Field([], max_length=20, description="Ids or slugs.")
    min_price: Price | None = Field(None, description="Included.")
    max_price: Price | None = Field(None, description="Included.")
    price: list[Words] = Field([], max_length=20, description=f"Price bands: {', '.join(BANDS)}.")
    currency: CurrencyCode | None = Field(None, description="Prices in this currency only.")
    in_stock: bool | None = None
    sort: Sort | None = Field(None, description="Default: best match with q, else new.")
    facets: bool = Field(True, description="Whether to count the facets.")

    def wanted(self, default_currency: str, own: list[str], sellers: list[str]) -> ItemFilter:
        """The filter asked for. Prices are read, and compared, in `currency` or the default one.

        Raises InvalidValue (422) naming the price that cannot be read.
        """
        priced = self.min_price is not None or self.max_price is not None
        currency = self.currency or (default_currency if priced else None)
        return ItemFilter(
            q=self.q or None,
            categories=self.category,
            sellers=[*self.seller, *sellers],
            lowest_cents=_cents(self.min_price, currency, "min_price"),
            highest_cents=_cents(self.max_price, currency, "max_price"),
            currency=currency,
            own=own,
            bands=self.price,
            in_stock=self.in_stock,
            sort=self.sort,
            with_facets=self.facets,
        )


class CourseQuery(_Listing):
    """Which courses."""

    school: list[Words] = Field([], max_length=20, description="Ids or slugs.")
    level: list[Words] = Field([], max_length=20)

    def filter(self, default_currency: str) -> ItemFilter:
        return self.wanted(default_currency, self.level, self.school)


class ProductQuery(_Listing):
    """Which products."""

    store: list[Words] = Field([], max_length=20, description="Ids or slugs.")
    brand: list[Words] = Field([], max_length=20)

    def filter(self, default_currency: str) -> ItemFilter:
        return self.wanted(default_currency, self.brand, self.store)


class ManagedQuery(PageQuery):
    """Which of the seller's own items."""

    q: Words | None = None
    status: Literal["draft", "published", "archived"] | None = None


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


class SellerRef(Out):
    """Who sells it."""

    id: str
    kind: str
    name: str
    slug: str


class ItemSummary(Out):
    """A course or product as lists show it. `available`: what is left, null when that is not counted."""

    id: str
    kind: Kind
    slug: str
    title: str
    description: str
    category: str | None
    categories: list[str]
    price: MoneyText
    currency: str
    compare_at: MoneyText | None
    level: str | None
    brand: str | None
    sku: str | None
    picture: str | None
    pictures: list[str]
    seller: SellerRef
    available: int | None
    in_stock: bool
    rating: float | None
    rating_count: int
    like_count: int
    status: str
    attributes: dict[str, str]
    published_at: Instant | None
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of_document(cls, kind: str, document: Mapping[str, Any]) -> Self:
        return cls._of(kind, document.get)

    @classmethod
    def of(cls, kind: str, item: Any) -> Self:
        return cls._of(kind, lambda name, default=None: _or(getattr(item, name, default), default))

    @classmethod
    def _of(cls, kind: str, read: Any) -> Self:
        currency, compare_at, cover = read("currency"), read("compare_at_cents"), read("cover")
        return cls(
            id=read("id"),
            kind=kind,  # type: ignore[arg-type]
            slug=read("slug"),
            title=read("title"),
            description=read("description", ""),
            category=read("category"),
            categories=read("category_path", []),
            price=to_text(read("price_cents"), currency),
            currency=currency,
            compare_at=to_text(compare_at, currency) if compare_at is not None else None,
            level=read("level"),
            brand=read("brand"),
            sku=read("sku"),
            picture=cover,
            pictures=read("pictures", None) or ([cover] if cover else []),
            seller=SellerRef(
                id=read("seller_id"), kind=read("seller_kind"), name=read("seller_name"), slug=read("seller_slug")
            ),
            available=read("stock_available"),
            in_stock=read("in_stock", True),
            rating=read("rating"),
            rating_count=read("rating_count", 0),
            like_count=read("like_count", 0),
            status=read("status"),
            attributes=read("attributes", {}),
            published_at=read("published_at"),
            created_at=read("created_at"),
            updated_at=read("updated_at"),
        )


class FacetOut(Out):
    """One value and how many items have it under all the other filters."""

    value: str
    label: str
    count: int


class ItemList(Out):
    """One page of items. facets: category, seller, price, in_stock, and level (courses) or brand (products)."""

    data: list[ItemSummary]
    page: PageOut
    facets: dict[str, list[FacetOut]]

    @classmethod
    def of(cls, kind: str, found: ItemPage, *, size: int, next_cursor: str | None) -> Self:
        return cls(
            data=[ItemSummary.of_document(kind, document) for document in found.documents],
            page=PageOut(size=size, total=found.total, next=next_cursor),
            facets={
                name: [FacetOut(value=count.value, label=count.label, count=count.count) for count in counts]
                for name, counts in found.facets.items()
            },
        )


class CategoryOut(Out):
    """One node of the tree; `path` are the slugs from its root to itself."""

    slug: str
    name: str
    parent: str | None
    path: list[str]
    position: int

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(slug=row.slug, name=row.name, parent=row.parent_slug, path=list(row.path), position=row.position)


class CategoryList(Out):
    """The whole tree, parents before their children."""

    data: list[CategoryOut]


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def _cents(text: str | None, currency: str | None, field: str) -> int | None:
    return accept_price(text, currency, field) if text is not None and currency is not None else None
