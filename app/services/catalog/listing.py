"""Lists of what is on sale: filters, order, facets, all answered from the mirror's documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.services import names, stores
from app.services.catalog import categories, stock
from app.services.catalog.items import SELLER_OF
from app.services.catalog.pricing import BANDS, ensure_price_range
from app.utils.shared import load_shared
from app.utils.slugs import looks_like_id

TEXT_WEIGHTS = {"title": 4.0, "description": 1.0}
SORTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "price": (("price_cents", "asc"),),
    "-price": (("price_cents", "desc"),),
    "new": (("published_at", "desc"),),
    "popular": (("sales_count", "desc"), ("like_count", "desc")),
    "rating": (("rating", "desc"), ("rating_count", "desc")),
}
OWN_FACET = {"course": "level", "product": "brand"}
FACET_SIZE = 50
LEVELS: Mapping[str, Mapping[str, str]] = load_shared("levels")


@dataclass(frozen=True)
class ItemFilter:
    """What a list is narrowed to. Prices are minor units of `currency`, both ends included.

    categories: slugs, their children included. sellers: ids or slugs. own: levels of courses or brands of
    products. bands: see pricing.
    sort: a key of SORTS; None: best match first with q, else newest first.
    """

    q: str | None = None
    categories: Sequence[str] = ()
    sellers: Sequence[str] = ()
    lowest_cents: int | None = None
    highest_cents: int | None = None
    currency: str | None = None
    own: Sequence[str] = ()
    bands: Sequence[str] = ()
    in_stock: bool | None = None
    sort: str | None = None
    with_facets: bool = True


@dataclass(frozen=True)
class FacetCount:
    """One value of a facet, what people call it, and how many items have it under all the other filters."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class ItemPage:
    """One page of documents. total: all matches; next: sort values behind the page, None on the last."""

    documents: list[dict[str, Any]]
    total: int
    next: list[Any] | None
    facets: Mapping[str, list[FacetCount]] = field(default_factory=dict)


def list_items(kind: str, wanted: ItemFilter, *, size: int, after: list[Any] | None) -> ItemPage:
    """One page of the published items of a kind. Raises InvalidValue (422), SearchUnavailable (503)."""
    ensure_price_range(wanted.lowest_cents, wanted.highest_cents)
    query = _narrowed(stock.KINDS[kind].elastic("status", "published"), kind, wanted)
    page = query.page(size, after)
    facets = _facets(kind, query.facet_counts) if wanted.with_facets else {}
    return ItemPage(page.documents, page.total, page.next, facets)


def list_managed(
    kind: str, seller_ids: Sequence[str], *, q: str | None, status: str | None, size: int, after: list[Any] | None
) -> ItemPage:
    """One page of these sellers' items, drafts and archived ones included, newest first."""
    query = stock.KINDS[kind].elastic("seller_id", "in", list(seller_ids))
    query = query.where("status", status) if status else query.where("status", "in", ["draft", "published", "archived"])
    query = query.match(q, TEXT_WEIGHTS, fuzzy=True) if q else query.sort("created_at", "desc")
    page = query.page(size, after)
    return ItemPage(page.documents, page.total, page.next)


def _narrowed(query: Any, kind: str, wanted: ItemFilter) -> Any:
    if wanted.q:
        query = query.match(wanted.q, TEXT_WEIGHTS, fuzzy=True)
    if wanted.currency:
        query = query.where("currency", wanted.currency)
    if wanted.lowest_cents is not None:
        query = query.where("price_cents", ">=", wanted.lowest_cents)
    if wanted.highest_cents is not None:
        query = query.where("price_cents", "<=", wanted.highest_cents)
    for column, values in _chosen(kind, wanted).items():
        query = query.filter_facet(column, values) if wanted.with_facets else query.where(column, "in", values)
    for column, order in _order(wanted):
        query = query.sort(column, order)
    if wanted.with_facets:
        sizes = {"category_path": 200, "seller_id": FACET_SIZE, "price_band": len(BANDS), "in_stock": 2}
        query = query.facets({**sizes, OWN_FACET[kind]: FACET_SIZE})
    return query


def _chosen(kind: str, wanted: ItemFilter) -> dict[str, list[Any]]:
    """Column → values, for those filters that are facets: their own counts must not follow them."""
    chosen: dict[str, list[Any]] = {
        "category_path": list(wanted.categories),
        "seller_id": [_seller_id(kind, seller) for seller in wanted.sellers],
        OWN_FACET[kind]: list(wanted.own),
        "price_band": list(wanted.bands),
        "in_stock": [] if wanted.in_stock is None else [wanted.in_stock],
    }
    return {column: values for column, values in chosen.items() if values}


def _seller_id(kind: str, id_or_slug: str) -> str:
    if looks_like_id(id_or_slug):
        return id_or_slug
    return names.holder(names.slug_name(SELLER_OF[kind], id_or_slug)) or id_or_slug


def _order(wanted: ItemFilter) -> tuple[tuple[str, str], ...]:
    if wanted.sort:
        return SORTS[wanted.sort]
    return () if wanted.q else SORTS["new"]


def _facets(kind: str, counted: Mapping[str, Sequence[tuple[Any, int]]]) -> dict[str, list[FacetCount]]:
    seller_kind, own = SELLER_OF[kind], OWN_FACET[kind]
    seller_names = stores.labels(seller_kind, [value for value, _ in counted.get("seller_id", ())])
    category_names = categories.names_by_slug()
    bands = dict(counted.get("price_band", ()))
    return {
        "category": [FacetCount(str(v), category_names.get(v, str(v)), n) for v, n in counted.get("category_path", ())],
        "seller": [FacetCount(str(v), seller_names.get(v, str(v)), n) for v, n in counted.get("seller_id", ())],
        "price": [FacetCount(band, band, bands[band]) for band in BANDS if band in bands],
        own: [FacetCount(str(v), _own_label(own, v), n) for v, n in counted.get(own, ())],
        "in_stock": [FacetCount(_truth(v), _truth(v), n) for v, n in counted.get("in_stock", ())],
    }


def _own_label(own: str, value: Any) -> str:
    return LEVELS.get(value, {}).get("label", str(value)) if own == "level" else str(value)


def _truth(value: Any) -> str:
    return "true" if value in (True, 1, "true", "1") else "false"
