"""Items, facets and categories as everybody reads them."""

from collections.abc import Mapping
from typing import Any, Self

from app.net.answers import PageOut
from app.net.schemas.catalog.values import Kind
from app.net.schemas.common import Instant, MoneyText, Out
from app.services.catalog import ItemPage
from app.utils.money import to_text


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
