"""Which items a list is to hold."""

from typing import Literal

from pydantic import Field

from app.net.schemas.catalog.values import CurrencyCode, Price, Sort, Words
from app.net.schemas.common import PageQuery
from app.services.catalog import ItemFilter
from app.services.catalog.pricing import BANDS, accept_price


class _Listing(PageQuery):
    q: Words | None = Field(None, description="Words in title and description; misspelt ones are forgiven.")
    category: list[Words] = Field([], max_length=20, description="Category slugs, children included.")
    seller: list[Words] = Field([], max_length=20, description="Ids or slugs.")
    min_price: Price | None = Field(None, description="Included.")
    max_price: Price | None = Field(None, description="Included.")
    price: list[Words] = Field([], max_length=20, description=f"Price bands: {', '.join(BANDS)}.")
    currency: CurrencyCode | None = Field(None, description="Prices in this currency only.")
    in_stock: bool | None = None
    sort: Sort | None = Field(None, description="Default: best match with q, else new.")
    facets: bool = Field(True, description="Whether to count the facets.")

    def wanted(self, default_currency: str, own: list[str], sellers: list[str]) -> ItemFilter:
        """The filter asked for. Prices are read, and compared, in `currency` or the default one.

        Raises InvalidValue (422) naming the price that cannot be read.
        """
        priced = self.min_price is not None or self.max_price is not None
        currency = self.currency or (default_currency if priced else None)
        return ItemFilter(
            q=self.q or None,
            categories=self.category,
            sellers=[*self.seller, *sellers],
            lowest_cents=_cents(self.min_price, currency, "min_price"),
            highest_cents=_cents(self.max_price, currency, "max_price"),
            currency=currency,
            own=own,
            bands=self.price,
            in_stock=self.in_stock,
            sort=self.sort,
            with_facets=self.facets,
        )


class CourseQuery(_Listing):
    """Which courses."""

    school: list[Words] = Field([], max_length=20, description="Ids or slugs.")
    level: list[Words] = Field([], max_length=20)

    def filter(self, default_currency: str) -> ItemFilter:
        return self.wanted(default_currency, self.level, self.school)


class ProductQuery(_Listing):
    """Which products."""

    store: list[Words] = Field([], max_length=20, description="Ids or slugs.")
    brand: list[Words] = Field([], max_length=20)

    def filter(self, default_currency: str) -> ItemFilter:
        return self.wanted(default_currency, self.brand, self.store)


class ManagedQuery(PageQuery):
    """Which of the seller's own items."""

    q: Words | None = None
    status: Literal["draft", "published", "archived"] | None = None


def _cents(text: str | None, currency: str | None, field: str) -> int | None:
    return accept_price(text, currency, field) if text is not None and currency is not None else None
