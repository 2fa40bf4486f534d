"""Sellers: stores, and what schools share with them."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from app.models import OwnedSeller, School, Seller, Store
from app.services import names
from app.services.accounts.rights import Person, ensure_may
from app.services.accounts.tenants import TENANT_KINDS
from app.utils.errors import InvalidValue, NotFound
from app.utils.money import MoneyError, currency_of
from app.utils.slugs import looks_like_id, slugify

SELLER_KINDS: dict[str, type[School] | type[Store]] = TENANT_KINDS


@dataclass(frozen=True)
class SellerProfile:
    """What a seller says of itself. currency: ISO 4217, the one its prices are in unless an item says otherwise."""

    name: str
    currency: str
    tagline: str = ""
    description: str = ""
    logo: str = ""
    cover: str = ""
    city: str = ""
    country: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""


def open_store(profile: SellerProfile, *, owner_id: str, seller_id: str, now: datetime) -> Store:
    """A store exists and `owner_id` owns it; the same seller_id again returns it. Raises InvalidValue (422)."""
    row = open_seller("store", profile, owner_id=owner_id, seller_id=seller_id, now=now)
    assert isinstance(row, Store)
    return row


def open_seller(
    kind: str, profile: SellerProfile, *, owner_id: str, seller_id: str, now: datetime, **own: Any
) -> School | Store:
    """A school or store exists with a slug of its own, and its owner finds it. Repeating the call changes nothing.

    own: columns only this kind has. Raises InvalidValue (422).
    """
    model = SELLER_KINDS[kind]
    ensure_profile(profile)
    if (standing := model.find(seller_id)) is not None:
        return standing
    slug = names.claim_free_slug(kind, slugify(profile.name, fallback=kind), seller_id, model, now)
    OwnedSeller.create(user_id=owner_id, seller_id=seller_id, seller_kind=kind, role="owner")
    return model.create(id=seller_id, owner_id=owner_id, slug=slug, **asdict(profile), **own)


def ensure_profile(profile: SellerProfile) -> None:
    """Raises InvalidValue (422) for a blank or overlong name, or an unknown currency."""
    faults = {}
    if not 1 <= len(profile.name.strip()) <= 120:
        faults["name"] = ["has 1 to 120 characters"]
    try:
        currency_of(profile.currency)
    except MoneyError as fault:
        faults["currency"] = [str(fault)]
    if faults:
        raise InvalidValue("One or more values cannot be accepted.", fields=faults)


def find_seller(kind: str, id_or_slug: str) -> Seller | None:
    """The seller of this kind with this id or slug, active or not; None when there is none."""
    model = SELLER_KINDS[kind]
    if looks_like_id(id_or_slug) and (row := model.find(id_or_slug)) is not None:
        return row
    seller_id = names.holder(names.slug_name(kind, id_or_slug))
    return model.find(seller_id) if seller_id else None


def read_seller(kind: str, id_or_slug: str) -> Seller:
    """An active seller as everybody may see it. Raises NotFound (404)."""
    row = find_seller(kind, id_or_slug)
    if row is None or not row.is_active:
        raise NotFound(f"There is no such {kind}.")
    return row


def any_seller(seller_id: str) -> Seller:
    """The school or store of this id, active or not. Raises NotFound (404)."""
    for model in SELLER_KINDS.values():
        if (row := model.find(seller_id)) is not None:
            return row
    raise NotFound("There is no such school or store.")


def owned_sellers(user_id: str) -> list[Seller]:
    """The schools and stores that are this person's own."""
    rows = OwnedSeller.objects(user_id=user_id).limit(None)
    found = (SELLER_KINDS[row.seller_kind].find(row.seller_id) for row in rows)
    return [seller for seller in found if seller is not None and seller.owner_id == user_id]


def sellers_of(person: Person, code: str, kind: str | None = None) -> list[Seller]:
    """The schools and stores where the person has this permission: their own, then those they have a role in."""
    rows = OwnedSeller.objects(user_id=person.id).limit(None)
    own = [(row.seller_kind, row.seller_id) for row in rows]
    found = (
        SELLER_KINDS[seller_kind].find(seller_id)
        for seller_kind, seller_id in dict.fromkeys(own + person.tenants_with(code))
        if kind is None or seller_kind == kind
    )
    return [seller for seller in found if seller is not None and person.may(code, seller)]


def managed_seller(kind: str, seller_id: str | None, person: Person, code: str) -> Seller:
    """The seller the person means: the named one, or the only one of this kind where they have the permission.

    Raises NotFound (404) for another's or none at all, Forbidden (403) when only this right is missing there,
    InvalidValue (422) when several make a name necessary.
    """
    if seller_id:
        row = SELLER_KINDS[kind].find(seller_id)
        if row is None:
            raise NotFound(f"There is no such {kind}.")
        ensure_may(person, code, row)
        return row
    own = sellers_of(person, code, kind)
    if not own:
        raise NotFound(f"You have no {kind} yet.")
    if len(own) > 1:
        raise InvalidValue(f"Name the {kind}.", fields={f"{kind}_id": ["is required when you have several"]})
    return own[0]


def list_sellers(kind: str, *, q: str | None, size: int, after: list[Any] | None) -> Any:
    """One page of active sellers, by name; with `q`, the best match first. Raises SearchUnavailable (503)."""
    query = SELLER_KINDS[kind].elastic("is_active", True)
    weights = {"name": 3.0, "tagline": 1.0, "description": 1.0}
    query = query.match(q, weights, fuzzy=True) if q else query.sort("name", "asc")
    return query.page(size, after)


def labels(kind: str, seller_ids: list[str]) -> dict[str, str]:
    """Seller id → name, for those that exist."""
    return {row.id: row.name for row in SELLER_KINDS[kind].find_many(seller_ids)}
