"""Prices: what is accepted, and the bands that lists count by."""

from decimal import Decimal

from app.utils.errors import InvalidValue
from app.utils.money import MoneyError, currency_of, from_text, to_text
from app.utils.shared import load_shared

_LIMITS = load_shared("limits")
PRICE_MAX = Decimal(_LIMITS["price_max"])
BAND_EDGES = tuple(int(edge) for edge in _LIMITS["price_bands"])


def price_max_cents(currency: str) -> int:
    """The highest price in minor units: 999999.99, cut to the currency's decimals."""
    return int(PRICE_MAX.scaleb(currency_of(currency).decimals))


def parse_price(text: str, currency: str) -> int:
    """A price as minor units.

    Raises MoneyError for no amount, more decimals than the currency has, below 0 or above 999999.99.
    """
    cents = from_text(text, currency)
    if cents < 0:
        raise MoneyError("A price is 0 or more.")
    if cents > price_max_cents(currency):
        raise MoneyError(f"A price is at most {to_text(price_max_cents(currency), currency)}.")
    return cents


def accept_price(text: str, currency: str, field: str = "price") -> int:
    """A price from a request as minor units. Raises InvalidValue (422) naming the field."""
    try:
        return parse_price(text, currency)
    except MoneyError as fault:
        raise InvalidValue("One or more values cannot be accepted.", fields={field: [str(fault)]}) from None


def ensure_price_range(lowest: int | None, highest: int | None) -> None:
    """Both ends included; Raises InvalidValue (422) when the lowest is above the highest."""
    if lowest is not None and highest is not None and lowest > highest:
        fault = "is above max_price"
        raise InvalidValue("The lowest price is above the highest.", fields={"min_price": [fault]})


def price_band(cents: int, currency: str) -> str:
    """The band a price falls in, as `from-to` in major units: 0-10, 10-25, …, 1000-. The lower end is included."""
    unit = 10 ** currency_of(currency).decimals
    lower = 0
    for edge in BAND_EDGES:
        if cents < edge * unit:
            return f"{lower}-{edge}"
        lower = edge
    return f"{lower}-"


BANDS = tuple(f"{lower}-{upper}" for lower, upper in zip((0, *BAND_EDGES), (*BAND_EDGES, ""), strict=True))
