"""Things a test needs, valid by default and made through services."""

from typing import Any

from app.models import Category, Course, Product, School, Store
from app.services import school as school_service
from app.services import stores as store_service
from app.services.catalog import ItemValues, categories, create_item
from app.services.stores import SellerProfile
from app.utils.clock import utc_now
from app.utils.ids import new_id


def make_school(owner_id: str = "", *, name: str = "Atelier of Movement", currency: str = "USD") -> School:
    """A school with an owner of its own unless one is named."""
    profile = SellerProfile(name=name, currency=currency)
    return school_service.open_school(
        profile, owner_id=owner_id or new_id(), seller_id=new_id(), time_zone="Europe/Berlin", now=utc_now()
    )


def make_store(owner_id: str = "", *, name: str = "Corner Shop", currency: str = "USD") -> Store:
    """A store with an owner of its own unless one is named."""
    profile = SellerProfile(name=name, currency=currency)
    return store_service.open_store(profile, owner_id=owner_id or new_id(), seller_id=new_id(), now=utc_now())


def item_values(title: str = "Walnut desk lamp", price: str = "19.99", **values: Any) -> ItemValues:
    """What a seller says of a published item."""
    return ItemValues(**{"title": title, "price": price, "status": "published", **values})


def make_course(title: str = "Salsa for Beginners", *, school: School | None = None, **values: Any) -> Course:
    """A published course with unlimited seats unless `stock` says how many."""
    item = create_item(
        "course", item_values(title, **values), seller=school or make_school(), item_id=new_id(), now=utc_now()
    )
    assert isinstance(item, Course)
    return item


def make_product(title: str = "Walnut desk lamp", *, store: Store | None = None, **values: Any) -> Product:
    """A published product without counted stock unless `stock` says how many."""
    item = create_item(
        "product", item_values(title, **values), seller=store or make_store(), item_id=new_id(), now=utc_now()
    )
    assert isinstance(item, Product)
    return item


def make_category(parent_slug: str | None = None) -> Category:
    """A category nobody else uses."""
    slug = f"category-{new_id()}".lower()
    return categories.add_category(slug, slug.capitalize(), parent_slug=parent_slug)
