"""Amounts of money: integer minor units inside, decimal text of the currency's own length on the wire."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.utils.shared import load_shared

_AMOUNT = re.compile(r"(-?)(\d{1,15})(?:\.(\d{1,6}))?")


class MoneyError(ValueError):
    """A text is no amount of its currency; the message says why, in words for people."""


@dataclass(frozen=True)
class Currency:
    """One ISO 4217 currency.

    decimals: digits after the point in ISO 4217.
    stripe_decimals: the digits Stripe's amounts imply where they differ (MGA none; ISK and UGX two, always 00).
    stripe_step: Stripe's three-decimal amounts must end in 0, so they are multiples of ten.
    """

    code: str
    name: str
    symbol: str
    decimals: int
    stripe_decimals: int
    stripe_step: int


def _read(rows: Mapping[str, dict[str, Any]]) -> Mapping[str, Currency]:
    return {
        code: Currency(
            code=code,
            name=row["name"],
            symbol=row["symbol"],
            decimals=row["decimals"],
            stripe_decimals=row.get("stripe_decimals", row["decimals"]),
            stripe_step=row.get("stripe_step", 1),
        )
        for code, row in rows.items()
    }


CURRENCIES: Mapping[str, Currency] = _read(load_shared("currencies"))


def currency_of(code: str) -> Currency:
    """The currency with an upper-case ISO 4217 code. Raises MoneyError for any other text."""
    try:
        return CURRENCIES[code]
    except (KeyError, TypeError):
        raise MoneyError(f"{code!r} is not a currency code of ISO 4217.") from None


def to_text(cents: int, currency: str) -> str:
    """Minor units as decimal text: 5997 USD → "59.97", 500 JPY → "500", 1234 KWD → "1.234"."""
    decimals = currency_of(currency).decimals
    sign, digits = ("-", -cents) if cents < 0 else ("", cents)
    if not decimals:
        return f"{sign}{digits}"
    whole, part = divmod(digits, 10**decimals)
    return f"{sign}{whole}.{part:0{decimals}d}"


def from_text(text: str, currency: str) -> int:
    """Decimal text as minor units, exactly: "19.9" USD → 1990.

    Raises MoneyError for anything but ASCII digits with one optional point, for more decimals than the currency
    has (zeros past them included: "1.000" USD is refused, not read as one thousand) and for an unknown currency.
    """
    decimals = currency_of(currency).decimals
    found = _AMOUNT.fullmatch(text) if text.isascii() else None
    if found is None:
        raise MoneyError("An amount is written with digits and one point, such as 19.99.")
    sign, whole, part = found.group(1), found.group(2), found.group(3) or ""
    if len(part) > decimals:
        allowed = f"at most {decimals} decimals" if decimals else "no decimals"
        raise MoneyError(f"Amounts in {currency} have {allowed}.")
    cents = int(whole) * 10**decimals + int(part.ljust(decimals, "0") or "0")
    return -cents if sign else cents


def to_stripe(cents: int, currency: str) -> int:
    """Minor units as the integer Stripe's API takes for this currency.

    Raises MoneyError when Stripe cannot charge this amount exactly (part of an ariary, a third decimal not 0).
    """
    known = currency_of(currency)
    if known.stripe_decimals >= known.decimals:
        amount = cents * 10 ** (known.stripe_decimals - known.decimals)
    else:
        amount, rest = divmod(cents, 10 ** (known.decimals - known.stripe_decimals))
        if rest:
            raise MoneyError(f"{to_text(cents, currency)} {currency} is not a whole number of units at Stripe.")
    if amount % known.stripe_step:
        raise MoneyError(f"{to_text(cents, currency)} {currency} must end in 0 to be charged by Stripe.")
    return amount


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's integer amount as minor units. Raises MoneyError when ISO 4217 has no such amount (ISK 5.01)."""
    known = currency_of(currency)
    if known.stripe_decimals <= known.decimals:
        return amount * 10 ** (known.decimals - known.stripe_decimals)
    cents, rest = divmod(amount, 10 ** (known.stripe_decimals - known.decimals))
    if rest:
        raise MoneyError(f"{amount} is not a whole number of {currency}.")
    return cents
