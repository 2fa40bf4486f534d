"""A catalog of any size, the same on every run: product number n always has the same id and the same values."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

_ADJECTIVES = (
    "Quiet",
    "Copper",
    "Folding",
    "Winter",
    "Oak",
    "Portable",
    "Bright",
    "Plain",
    "Northern",
    "Linen",
    "Double",
)
_NOUNS = ("lamp", "kettle", "rucksack", "notebook", "chair", "jacket", "speaker", "planter", "blanket", "bicycle bell")
_USES = ("for the kitchen table", "for long evenings", "for the way to work", "for small rooms", "for rain and wind")
CATEGORIES = tuple(f"shelf-{number:02d}" for number in range(40))
_BRANDS = ("Aalto", "Berg", "Coster", "Dune", "Ems", "Fjord", "Gouda")
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_OPENED_AT = datetime(2025, 1, 1, tzinfo=UTC)


def product_id(number: int) -> str:
    """27 base62 characters, as a KSUID has."""
    text = ""
    for _ in range(9):
        number, digit = divmod(number, 62)
        text = _DIGITS[digit] + text
    return "2bench" + "0" * 12 + text


def product(number: int) -> dict[str, Any]:
    """The columns of product `number`, all of them published."""
    adjective, noun = _ADJECTIVES[number % 11], _NOUNS[number % 10]
    category = CATEGORIES[number * 7 % 40]
    price = 500 + number * 7919 % 49_500
    made_at = _OPENED_AT + timedelta(seconds=number * 31 % 40_000_000)
    return {
        "id": product_id(number),
        "seller_kind": "store",
        "seller_id": product_id(900_000_000 + number % 200),
        "seller_name": f"Store {number % 200}",
        "seller_slug": f"store-{number % 200}",
        "owner_id": product_id(910_000_000 + number % 200),
        "title": f"{adjective} {noun} {number}",
        "slug": f"{adjective.lower()}-{noun.replace(' ', '-')}-{number}",
        "description": f"A {adjective.lower()} {noun} {_USES[number % 5]}. " * 3,
        "category": category,
        "category_path": ["goods", category],
        "status": "published",
        "price_cents": price,
        "currency": "USD",
        "price_band": f"{price // 5000 * 50}",
        "cover": f"/uploads/{number % 300}.png",
        "pictures": [f"/uploads/{number % 300}.png"],
        "is_stock_tracked": False,
        "in_stock": True,
        "sales_count": number % 97,
        "like_count": number % 31,
        "rating": 3 + number % 20 / 10,
        "rating_count": number % 50,
        "published_at": made_at,
        "sku": f"SKU-{number}",
        "brand": _BRANDS[number % 7],
        "attributes": {"colour": _ADJECTIVES[(number + 3) % 11].lower()},
        "created_at": made_at,
        "updated_at": made_at,
    }


def products(count: int, first: int = 0) -> Iterator[dict[str, Any]]:
    return (product(number) for number in range(first, first + count))
