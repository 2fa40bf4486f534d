"""Three schools and three stores, each with a face of its own; the demo's sellers own the first of each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app import fake_provider
from app.env import Settings
from app.fake_provider import FakeSeller
from app.plugins import uploads
from app.plugins.fake import drawing, fake
from app.seeds.accounts import SCHOOL_OWNER_ID, STORE_OWNER_ID
from app.seeds.fixed import fixed_id
from app.services import accounts as account_service
from app.services import school as school_service
from app.services import stores as store_service
from app.services.accounts import NewAccount
from app.services.stores import SellerProfile

_AGE = timedelta(days=420)
_LOGO_PIXELS = (240, 240)
_COVER_PIXELS = (1200, 400)


@dataclass(frozen=True)
class SeedSeller:
    """One seller of the demo. owner_id None: an account is made for it. categories: what it sells."""

    key: str
    kind: str
    owner_id: str | None
    categories: tuple[str, ...]

    def id_at(self, now: datetime) -> str:
        return fixed_id(f"{self.kind}:{self.key}", now - _AGE)


SELLERS = (
    SeedSeller("movement", "school", SCHOOL_OWNER_ID, ("dance", "music", "yoga", "fitness")),
    SeedSeller("knowledge", "school", None, ("languages", "coding", "cooking")),
    SeedSeller("studio", "school", None, ("ceramics", "photography", "drawing")),
    SeedSeller("wear", "store", STORE_OWNER_ID, ("shoes", "clothing", "instruments", "sports")),
    SeedSeller("media", "store", None, ("books", "electronics", "toys")),
    SeedSeller("home", "store", None, ("kitchen", "home", "outdoors", "beauty")),
)


def seed(settings: Settings, now: datetime) -> int:
    """The sellers exist, with logos and covers drawn here; returns how many there are."""
    fake.seed_instance(4101)
    for seller in SELLERS:
        made_up = fake_provider.school if seller.kind == "school" else fake_provider.store
        _open(seller, made_up(seller.categories[0]), settings, now)
    return len(SELLERS)


def _open(seller: SeedSeller, look: FakeSeller, settings: Settings, now: datetime) -> None:
    owner_id = seller.owner_id or _ensure_owner(seller, look, settings, now)
    motif = seller.categories[0]
    profile = SellerProfile(
        name=look.name,
        currency=settings.default_currency,
        tagline=look.tagline,
        description=look.description,
        logo=_picture(f"sellers/{seller.key}-logo.webp", "", look.name, _LOGO_PIXELS, settings),
        cover=_picture(f"sellers/{seller.key}-cover.webp", motif, look.name, _COVER_PIXELS, settings),
        city=look.address.city,
        country=look.address.country,
        address=look.address.street,
        phone=look.phone,
        email=look.email,
    )
    seller_id = seller.id_at(now)
    if seller.kind == "school":
        school_service.open_school(
            profile, owner_id=owner_id, seller_id=seller_id, time_zone=look.address.timezone, now=now - _AGE
        )
    else:
        store_service.open_store(profile, owner_id=owner_id, seller_id=seller_id, now=now - _AGE)


def _ensure_owner(seller: SeedSeller, look: FakeSeller, settings: Settings, now: datetime) -> str:
    owner_id = fixed_id(f"owner:{seller.key}", now - _AGE)
    account = NewAccount(look.email, settings.demo_password, "", look.owner_first_name, look.owner_last_name)
    account_service.ensure_account(
        account, user_id=owner_id, now=now, settings=settings, is_seller=True, is_teacher=seller.kind == "school"
    )
    return owner_id


def _picture(name: str, motif: str, title: str, size: tuple[int, int], settings: Settings) -> str:
    if uploads.is_stored(settings, name):
        return uploads.url_of(name)
    initials = "".join(word[0] for word in title.split() if word[0].isalpha())[:2].upper()
    return uploads.store_file(
        settings, name, drawing.encode(drawing.draw_cover(motif, name, initials=initials, size=size))
    )
