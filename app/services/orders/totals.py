"""What an order costs. The cart shows, the order stores and the provider charges what this one function says."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.utils.errors import DomainError
from app.utils.shared import load_shared

MAX_QUANTITY: int = load_shared("limits")["cart_quantity_max"]


class MixedCurrencies(DomainError):
    """One order is paid in one currency (422)."""

    code, status = "mixed_currencies", 422


@dataclass(frozen=True)
class PricedLine:
    """One thing and how many of it; cents are minor units of `currency`, quantity 1..99."""

    unit_price_cents: int
    quantity: int
    currency: str

    @property
    def total_cents(self) -> int:
        return self.unit_price_cents * self.quantity


@dataclass(frozen=True)
class Totals:
    """Minor units of `currency`. Always `subtotal - discount - credit + tax == total`."""

    currency: str
    subtotal_cents: int
    discount_cents: int
    credit_cents: int
    tax_cents: int
    total_cents: int


def compute_totals(
    lines: Sequence[PricedLine],
    *,
    currency: str,
    discount_cents: int = 0,
    credit_cents: int = 0,
    tax_cents: int = 0,
) -> Totals:
    """The totals of these lines: `max(0, subtotal - discount - credit) + tax`.

    Discount and credit are cut to what they can still take away, discount first, so that what is shown adds up and
    no credit is spent for nothing. currency: used when there is no line.
    Raises MixedCurrencies (422); ValueError for a negative amount or a quantity outside 1..99.
    """
    currencies = {line.currency for line in lines} or {currency}
    if len(currencies) > 1:
        raise MixedCurrencies(
            "Everything in one order must have one currency.", details={"currencies": sorted(currencies)}
        )
    if min(discount_cents, credit_cents, tax_cents, *(line.unit_price_cents for line in lines), 0) < 0:
        raise ValueError("amounts are never negative")
    if any(not 1 <= line.quantity <= MAX_QUANTITY for line in lines):
        raise ValueError(f"a quantity is 1 to {MAX_QUANTITY}")
    subtotal = sum(line.total_cents for line in lines)
    discount = min(discount_cents, subtotal)
    credit = min(credit_cents, subtotal - discount)
    return Totals(
        currency=currencies.pop(),
        subtotal_cents=subtotal,
        discount_cents=discount,
        credit_cents=credit,
        tax_cents=tax_cents,
        total_cents=subtotal - discount - credit + tax_cents,
    )
