"""The category tree and 300 courses and products, each with a picture of its own drawn here."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app import fake_provider
from app.env import Settings
from app.fake_provider import FakeCourse, FakeProduct
from app.plugins import uploads
from app.plugins.fake import drawing, fake
from app.seeds.fixed import fixed_id
from app.seeds.stores import SELLERS, SeedSeller
from app.services import catalog as catalog_service
from app.services import stores as store_service
from app.services.catalog import ItemValues
from app.services.catalog import categories as category_service
from app.utils.money import to_text
from app.utils.shared import load_shared

PRODUCTS = 180
COURSES = 120
PICTURE_PIXELS = (800, 500)
_DRAWING_THREADS = 4
_STORING_THREADS = 8


@dataclass(frozen=True)
class SeedItem:
    """One item to be there. made_at: when it went on sale."""

    kind: str
    id: str
    seller: SeedSeller
    motif: str
    made_at: datetime
    values: ItemValues

    @property
    def picture(self) -> str:
        return f"items/{self.id}.webp"


def seed(settings: Settings, now: datetime) -> int:
    """Categories, courses and products exist with their pictures and stock; returns how many items there are."""
    seed_categories(load_shared("categories"))
    items = list(planned_items(settings.default_currency, now))
    with ThreadPoolExecutor(_DRAWING_THREADS) as pool:
        list(pool.map(lambda item: _draw(item, settings), items))
    sellers = {seller.key: store_service.SELLER_KINDS[seller.kind].find(seller.id_at(now)) for seller in SELLERS}
    with ThreadPoolExecutor(_STORING_THREADS) as pool:
        list(pool.map(lambda item: _store(item, sellers[item.seller.key]), items))
    return len(items)


def seed_categories(tree: list[Mapping[str, Any]], parent: str | None = None) -> None:
    """The tree of common/categories.json is there."""
    for position, node in enumerate(tree):
        category_service.add_category(node["slug"], node["name"], parent_slug=parent, position=position)
        seed_categories(node.get("children", []), node["slug"])


def planned_items(currency: str, now: datetime) -> Iterator[SeedItem]:
    """The same items on every run."""
    fake.seed_instance(4102)
    for kind, count in (("course", COURSES), ("product", PRODUCTS)):
        places = [
            (seller, category)
            for seller in SELLERS
            if seller.kind == catalog_service.SELLER_OF[kind]
            for category in seller.categories
        ]
        titles: set[str] = set()
        for number in range(count):
            seller, category = places[number % len(places)]
            yield _planned(kind, number, seller, category, titles, currency, now)


def _planned(
    kind: str, number: int, seller: SeedSeller, category: str, titles: set[str], currency: str, now: datetime
) -> SeedItem:
    look = _look(kind, category)
    while look.title in titles:
        look = _look(kind, category)
    if isinstance(look, FakeCourse) and number == 0:
        look = replace(look, title="Salsa for Beginners", level="beginner")
    titles.add(look.title)
    made_at = now - timedelta(days=fake.random.randrange(1, 400), minutes=fake.random.randrange(1440))
    item_id = fixed_id(f"{kind}:{number}", made_at)
    values = ItemValues(
        title=look.title,
        price=to_text(look.price_cents, currency),
        currency=currency,
        description=look.description,
        category=category,
        status="published",
        cover=uploads.url_of(f"items/{item_id}.webp"),
    )
    values = _course(values, look) if isinstance(look, FakeCourse) else _product(values, look, number, currency)
    return SeedItem(kind, item_id, seller, look.motif, made_at, values)


def _look(kind: str, category: str) -> FakeCourse | FakeProduct:
    return fake_provider.course(category) if kind == "course" else fake_provider.product(category)


def _course(values: ItemValues, look: FakeCourse) -> ItemValues:
    return replace(values, stock=look.seats * 4, own=_echo() | {"level": look.level})


def _product(values: ItemValues, look: FakeProduct, number: int, currency: str) -> ItemValues:
    return replace(
        values,
        stock=look.stock,
        sku=f"{look.sku}-{number}",
        own=_echo() | {"brand": look.brand, "attributes": dict(look.attributes)},
        compare_at=_compare_at(look, currency),
    )


def _compare_at(look: FakeProduct, currency: str) -> str | None:
    """About one in six is reduced, by a fifth to a third."""
    if fake.random.random() > 0.17:
        return None
    return to_text(round(look.price_cents * fake.random.choice((1.25, 1.4, 1.5))), currency)


def _echo() -> dict[str, Any]:
    """What customers have said and done before the demo begins."""
    rated = fake.random.choice((0, 0, 3, 7, 12, 25, 48, 90))
    return {
        "rating": round(fake.random.triangular(3.2, 5.0, 4.6), 1) if rated else None,
        "rating_count": rated,
        "like_count": rated * 2 + fake.random.randrange(10),
        "sales_count": rated * 3 + fake.random.randrange(20),
    }


def _draw(item: SeedItem, settings: Settings) -> None:
    if not uploads.is_stored(settings, item.picture):
        content = drawing.encode(drawing.draw_cover(item.motif, item.id, size=PICTURE_PIXELS))
        uploads.store_file(settings, item.picture, content)


def _store(item: SeedItem, seller: Any) -> None:
    if catalog_service.find_item(item.kind, item.id) is None:
        catalog_service.create_item(item.kind, item.values, seller=seller, item_id=item.id, now=item.made_at)
