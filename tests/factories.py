"""Things a test needs, valid by default and made through services."""

from typing import Any

from app.env import Settings
from app.models import Category, Course, Product, Role, School, Store, User
from app.services import accounts as account_service
from app.services import school as school_service
from app.services import stores as store_service
from app.services.accounts import PERMISSIONS, NewAccount, Rights, SessionStart, SignedIn, grants, roles
from app.services.accounts.rights import PLATFORM
from app.services.accounts.roles import Authority, RoleDraft
from app.services.accounts.sessions import start_session
from app.services.audit import Actor
from app.services.catalog import ItemValues, categories, create_item
from app.services.stores import SellerProfile
from app.utils.clock import utc_now
from app.utils.ids import new_id

PASSWORD = "correct horse battery"


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


def make_user(settings: Settings, **flags: bool) -> User:
    """Somebody with an account, and no login yet."""
    email = f"person-{new_id()}@example.com".lower()
    return account_service.register(NewAccount(email, PASSWORD), now=utc_now(), settings=settings, **flags)


def log_in(user: User, settings: Settings, **start: str) -> SignedIn:
    """A login of this user that began now."""
    return start_session(User.find(user.id), SessionStart(**start), now=utc_now(), settings=settings)


def authority(user: User) -> Authority:
    """The user as somebody who uses rights over others, with the rights of this moment."""
    return Authority(account_service.rights_of(User.find(user.id)), Actor(user.id, "192.0.2.7", "request-1"))


def owner_of(tenant: Any) -> Authority:
    """The owner of a school or store, who may have no account at all."""
    return Authority(Rights(tenant.owner_id), Actor(tenant.owner_id))


def make_role(tenant: Any, *codes: str, name: str = "Helper") -> Role:
    """A custom role on a school or store, made by its owner."""
    return roles.create_role(tenant, RoleDraft(name, frozenset(codes)), owner_of(tenant), now=utc_now())


def make_platform_role(*codes: str, name: str = "Helper") -> Role:
    """A custom role on the platform, made by somebody with every right."""
    by = Authority(Rights("system", frozenset(PERMISSIONS)), Actor("system"))
    return roles.create_role(PLATFORM, RoleDraft(name, frozenset(codes)), by, now=utc_now())


def give_role(role: Role, user: User) -> None:
    """The user has the role."""
    grants.give(role, user.id, granted_by="system", actor=Actor("system"), now=utc_now())
