"""Courses and products: made, changed and taken off sale by their sellers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from app.models import Course, Product, Seller
from app.services import names, stores
from app.services.accounts.rights import Person, Place, Tenant, ensure_may
from app.services.catalog import categories, pricing, stock
from app.utils.errors import DomainError, InvalidValue, NotFound
from app.utils.slugs import id_within, slugify

SELLER_OF = {"course": "school", "product": "store"}
WRITE = "catalog.item.write"
Item = Course | Product


class SlugTaken(DomainError):
    """Another item has this slug (409)."""

    code: ClassVar[str] = "slug_taken"
    status: ClassVar[int] = 409


class SkuTaken(DomainError):
    """Another product of the store has this SKU (409)."""

    code: ClassVar[str] = "sku_taken"
    status: ClassVar[int] = 409


@dataclass(frozen=True)
class ItemValues:
    """Everything a seller says of an item. price and compare_at: decimal text in `currency` (None: the seller's).

    stock: pieces or seats that can be promised; None: not tracked. own: columns only this kind has.
    """

    title: str
    price: str
    currency: str | None = None
    slug: str | None = None
    description: str = ""
    category: str | None = None
    status: str = "draft"
    cover: str | None = None
    pictures: Sequence[str] = ()
    stock: int | None = None
    compare_at: str | None = None
    sku: str | None = None
    own: Mapping[str, Any] = field(default_factory=dict)


def find_item(kind: str, id_or_slug: str) -> Item | None:
    """The item of this kind with this id or slug, whatever its status but deleted."""
    model = stock.KINDS[kind]
    item_id = id_within(id_or_slug)
    item = model.find(item_id) if item_id else None
    if item is not None and id_or_slug not in (item.id, item.slug):
        item = None
    if item is None:
        item_id = names.holder(names.slug_name(kind, id_or_slug))
        item = model.find(item_id) if item_id else None
    return None if item is None or item.status == "deleted" else item


def read_item(kind: str, id_or_slug: str, person: Person | None = None) -> Item:
    """The item as this reader may see it: published, or theirs to change. Raises NotFound (404)."""
    item = find_item(kind, id_or_slug)
    if item is None or not (item.is_published or (person is not None and person.may(WRITE, _seller_of(item)))):
        raise NotFound(f"There is no such {kind}.")
    return item


def managed_item(kind: str, item_id: str, person: Person) -> Item:
    """The item, if the person may change it.

    Raises NotFound (404) for another's, Forbidden (403) when only this right is missing at its seller.
    """
    item = find_item(kind, item_id)
    if item is None:
        raise NotFound(f"There is no such {kind}.")
    ensure_may(person, WRITE, _seller_of(item), what=kind)
    return item


def _seller_of(item: Item) -> Tenant:
    """Where the item belongs. The owner is read anew: the copy on the item is for showing only."""
    return stores.SELLER_KINDS[item.seller_kind].find(item.seller_id) or Place(item.seller_kind, item.seller_id)


def create_item(kind: str, values: ItemValues, *, seller: Seller, item_id: str, now: datetime) -> Item:
    """The item exists under its seller, with a slug (and SKU) of its own and its first stock.

    The stock is posted before the row, under the item's id, so a crash between leaves nothing on sale and a
    repetition with the same id posts nothing twice.
    Raises InvalidValue (422), SlugTaken, SkuTaken (409).
    """
    model = stock.KINDS[kind]
    columns = item_columns(kind, values, seller) | publication(None, values.status, now)
    _claim_sku(seller.id, values.sku, item_id, now)
    columns["slug"] = _claim_slug(kind, values, item_id, now)
    if values.stock:
        stock.receive(stock.item_ref(kind, item_id), values.stock, f"initial:{item_id}", now)
    return model.create(id=item_id, **columns, **stock_columns(values.stock))


def update_item(item: Item, values: ItemValues, *, change_id: str, now: datetime) -> Item:
    """The item says what `values` say; its stock becomes `values.stock`, once a change_id.

    Raises InvalidValue (422), SlugTaken, SkuTaken, ConcurrentChange (409).
    """
    kind = kind_of(item)
    seller = stores.SELLER_KINDS[item.seller_kind].find(item.seller_id)
    if seller is None:
        raise NotFound(f"There is no such {item.seller_kind}.")
    columns = item_columns(kind, values, seller) | publication(item.published_at, values.status, now)
    old_slug, old_sku = item.slug, getattr(item, "sku", None)
    if values.sku != old_sku:
        _claim_sku(seller.id, values.sku, item.id, now)
    columns["slug"] = old_slug
    if values.slug and values.slug != old_slug:
        columns["slug"] = _claim_slug(kind, values, item.id, now)
    reference = stock.item_ref(kind, item.id)
    if values.stock is not None:
        stock.adjust(reference, values.stock, change_id, now)
    item.update(**columns, is_stock_tracked=values.stock is not None)
    if columns["slug"] != old_slug:
        names.release(names.slug_name(kind, old_slug), item.id)
    if old_sku and values.sku != old_sku:
        names.release(names.sku_name(seller.id, old_sku), item.id)
    stock.refresh_availability(reference)
    return stock.KINDS[kind].find(item.id) or item


def delete_item(item: Item) -> Item:
    """Nobody can buy the item any more: archived when it was ever ordered, else deleted and its names freed.

    A deleted row stays, invisible: a sale or a stock refresh running at the same moment cannot half revive it.
    """
    kind = kind_of(item)
    if item.first_ordered_at is not None or stock.was_held(stock.item_ref(kind, item.id)):
        return item.update(status="archived")
    item.update(status="deleted")
    names.release(names.slug_name(kind, item.slug), item.id)
    if sku := getattr(item, "sku", None):
        names.release(names.sku_name(item.seller_id, sku), item.id)
    return item


def kind_of(item: Item) -> str:
    """`course` or `product`."""
    return "course" if isinstance(item, Course) else "product"


def item_columns(
    kind: str, values: ItemValues, seller: Any, paths: Mapping[str, list[str]] | None = None
) -> dict[str, Any]:
    """The columns that follow from what the seller says, slug and stock aside.

    paths: the category tree when the caller has it. Raises InvalidValue (422).
    """
    currency = values.currency or seller.currency
    price_cents = pricing.accept_price(values.price, currency)
    path = paths[values.category] if paths and values.category else categories.path_of(values.category)
    columns: dict[str, Any] = {
        "seller_kind": SELLER_OF[kind],
        "seller_id": seller.id,
        "seller_name": seller.name,
        "seller_slug": seller.slug,
        "owner_id": seller.owner_id,
        "title": values.title,
        "description": values.description,
        "category": values.category,
        "category_path": path,
        "status": values.status,
        "price_cents": price_cents,
        "currency": currency,
        "price_band": pricing.price_band(price_cents, currency),
        "cover": values.cover or next(iter(values.pictures), None),
        "pictures": list(values.pictures),
        **values.own,
    }
    if kind == "product":
        compare_at = values.compare_at
        columns["sku"] = values.sku
        columns["compare_at_cents"] = pricing.accept_price(compare_at, currency, "compare_at") if compare_at else None
    return columns


def publication(published_at: datetime | None, status: str, now: datetime) -> dict[str, Any]:
    """When the item first went on sale: set once, by the first publishing."""
    return {"published_at": now if status == "published" and published_at is None else published_at}


def stock_columns(left: int | None) -> dict[str, Any]:
    """The display copies for this much stock; None: not tracked."""
    return {"is_stock_tracked": left is not None, "stock_available": left, "in_stock": left is None or left > 0}


def _claim_sku(store_id: str, sku: str | None, item_id: str, now: datetime) -> None:
    if sku and not names.claim(names.sku_name(store_id, sku), item_id, Product, now):
        raise SkuTaken("Another product of this store has this SKU.", details={"sku": sku})


def _claim_slug(kind: str, values: ItemValues, item_id: str, now: datetime) -> str:
    model = stock.KINDS[kind]
    if values.slug:
        if values.slug != values.slug.casefold():
            fault = "is lower-case letters and digits with single hyphens between"
            raise InvalidValue("This address cannot be used.", fields={"slug": [fault]})
        if not names.claim(names.slug_name(kind, values.slug), item_id, model, now):
            raise SlugTaken("This address is taken by another item.", details={"slug": values.slug})
        return values.slug
    return names.claim_free_slug(kind, slugify(values.title, fallback=kind), item_id, model, now)
