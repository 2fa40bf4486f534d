"""The people of the demo: one account for each role, and customers who have bought over the months."""

from datetime import datetime

from app.env import Settings
from app.plugins.fake import fake
from app.services import accounts as account_service
from app.services.accounts import NewAccount

BUYER_ID = "37oZ5RdUqYdu11WRgYg26zC0HAf"
SCHOOL_OWNER_ID = "37oZ5RdUqYdu11WRgYg26zC4vnc"
STORE_OWNER_ID = "37oZ5RdUqYdu11WRgYg26zC4wvv"
ADMIN_ID = "37oZ5RdUqYdu11WRgYg26zBzyzF"
_CUSTOMER_ID = "37oZ5RdUqYdu11WRgYg2600{:04d}"
CUSTOMER_IDS = tuple(_CUSTOMER_ID.format(number) for number in range(1, 25))

_DEMO: tuple[tuple[str, str, str, str, dict[str, bool]], ...] = (
    (BUYER_ID, "buyer@example.com", "Bea", "Marlow", {}),
    (SCHOOL_OWNER_ID, "school@example.com", "Samuel", "Okafor", {"is_seller": True, "is_teacher": True}),
    (STORE_OWNER_ID, "store@example.com", "Stella", "Lindqvist", {"is_seller": True}),
    (ADMIN_ID, "admin@example.com", "Ada", "Winter", {"is_admin": True, "is_superuser": True}),
)


def seed(settings: Settings, now: datetime) -> int:
    """The demo accounts (password: `demo_password`) and the customers exist; returns how many there are."""
    for user_id, email, first_name, last_name, flags in _DEMO:
        account = NewAccount(email, settings.demo_password, "", first_name, last_name)
        user = account_service.ensure_account(account, user_id=user_id, now=now, settings=settings, **flags)
        if user.email_confirmed_at is None:
            user.update(email_confirmed_at=now)
    fake.seed_instance(2026)
    for number, user_id in enumerate(CUSTOMER_IDS, 1):
        _seed_customer(user_id, number, settings, now)
    return len(_DEMO) + len(CUSTOMER_IDS)


def _seed_customer(user_id: str, number: int, settings: Settings, now: datetime) -> None:
    first_name, last_name = fake.first_name(), fake.last_name()
    address = {
        "address_1": fake.street_address(),
        "city": fake.city(),
        "area": fake.state_abbr(),
        "postcode": fake.postcode(),
    }
    email = f"{first_name}.{last_name}.{number}@example.com".lower()
    account = NewAccount(email, settings.demo_password, "", first_name, last_name)
    user = account_service.ensure_account(account, user_id=user_id, now=now, settings=settings)
    if user.address_1 != address["address_1"]:
        account_service.change_profile(user_id, address, now=now, settings=settings)
