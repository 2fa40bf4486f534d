"""One row of a catalog file: its cells checked, all faults of the row at once. Pure: no store is asked."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.services.catalog.imports.reading import RawRow
from app.services.catalog.items import ItemValues
from app.services.catalog.pricing import parse_price
from app.utils.money import CURRENCIES, MoneyError
from app.utils.shared import load_shared
from app.utils.slugs import slugify

LIMITS = load_shared("limits")
LEVELS = tuple(load_shared("levels"))
STATUSES = ("draft", "published", "archived")
COLUMNS = {
    "product": (
        "sku", "title", "price", "currency", "description", "brand", "category", "stock", "compare_at", "barcode",
        "pictures", "status",
    ),
    "course": (
        "slug", "title", "price", "currency", "description", "category", "level", "stock", "pictures", "status",
    ),
}  # fmt: skip
REQUIRED = {"product": ("sku", "title", "price"), "course": ("title", "price")}
_WHOLE = re.compile(r"\d{1,10}", re.ASCII)
_SLUG = re.compile(r"[^\W_]+(-[^\W_]+)*")
_LINK = re.compile(r"(https?://|/)[^\s<>\"]{1,1990}")


@dataclass(frozen=True)
class Fault:
    """Why a row was refused, or a remark on one that was taken."""

    row: int
    line: int
    column: str
    code: str
    message: str
    is_warning: bool = False


@dataclass(frozen=True)
class Plan:
    """A row that can be stored. name: its SKU or slug, by which it is found again; given: cells that say something."""

    row: int
    line: int
    name: str
    values: ItemValues
    given: tuple[str, ...]


@dataclass(frozen=True)
class Context:
    """What the cells are checked against. currency: the seller's; paths: category slug → path from the root."""

    kind: str
    currency: str
    paths: Mapping[str, list[str]]


@dataclass
class _Cells:
    """The cells of one row and the faults found in them."""

    raw: RawRow
    cells: Mapping[str, str]
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, column: str, code: str, message: str) -> None:
        self.faults.append(Fault(self.raw.row, self.raw.line, column, code, message))

    def text(self, column: str, longest: int, *, required: bool = False) -> str:
        text = unicodedata.normalize("NFC", self.cells.get(column, ""))
        if not text and required:
            self.refuse(column, "blank", "must not be blank")
        if len(text) > longest:
            self.refuse(column, "too_long", f"has {len(text)} characters, {longest} are allowed")
        if any(unicodedata.category(letter) == "Cc" and letter not in "\n\r\t" for letter in text):
            self.refuse(column, "control_character", "has an invisible control character")
        return text

    def one_of(self, column: str, known: Mapping[str, object] | tuple[str, ...], default: str) -> str:
        text = self.cells.get(column, "").casefold() or default
        if text and text not in known:
            self.refuse(column, f"unknown_{column}", f"“{self.cells[column][:60]}” is not known here")
            return default
        return text


def plan_row(raw: RawRow, context: Context) -> tuple[Plan | None, list[Fault]]:
    """What to store for this row, or None with every fault that keeps it from being stored."""
    if raw.cells is None:
        return None, [Fault(raw.row, raw.line, "", "unreadable_row", raw.fault)]
    cells = _Cells(raw, raw.cells)
    title = cells.text("title", LIMITS["title_max"], required=True)
    currency = _currency(cells, context.currency)
    price = _price(cells, "price", currency, required=True)
    values = ItemValues(
        title=title,
        price=price,
        currency=currency,
        description=cells.text("description", LIMITS["description_max"]),
        category=cells.one_of("category", context.paths, "") or None,
        status=cells.one_of("status", STATUSES, "published"),
        pictures=_pictures(cells),
        stock=_stock(cells),
        **_OWN[context.kind](cells, currency),
    )
    if cells.faults:
        return None, cells.faults
    name = values.sku if context.kind == "product" else values.slug
    return Plan(raw.row, raw.line, name or "", values, tuple(name for name, cell in raw.cells.items() if cell)), []


def _product_own(cells: _Cells, currency: str) -> dict[str, object]:
    compare_at = _price(cells, "compare_at", currency)
    return {
        "sku": cells.text("sku", LIMITS["sku_max"], required=True),
        "compare_at": compare_at or None,
        "own": {
            "brand": cells.text("brand", LIMITS["brand_max"]) or None,
            "barcode": cells.text("barcode", LIMITS["barcode_max"]) or None,
        },
    }


def _course_own(cells: _Cells, currency: str) -> dict[str, object]:
    slug = cells.text("slug", LIMITS["slug_max"])
    if slug and (not _SLUG.fullmatch(slug) or slug != slug.casefold()):
        cells.refuse("slug", "bad_slug", "is lower-case letters and digits with single hyphens between")
    title = cells.cells.get("title", "")
    return {
        "slug": slug or (slugify(title, fallback="course") if title else ""),
        "own": {"level": cells.one_of("level", LEVELS, "") or None},
    }


_OWN: dict[str, Callable[[_Cells, str], dict]] = {"product": _product_own, "course": _course_own}


def _currency(cells: _Cells, default: str) -> str:
    text = cells.cells.get("currency", "").upper() or default
    if text not in CURRENCIES:
        cells.refuse("currency", "unknown_currency", f"“{text[:20]}” is not a currency code such as USD")
        return default
    return text


def _price(cells: _Cells, column: str, currency: str, *, required: bool = False) -> str:
    text = cells.cells.get(column, "")
    if not text:
        if required:
            cells.refuse(column, "blank", "must not be blank")
        return ""
    try:
        parse_price(text, currency)
    except MoneyError as fault:
        cells.refuse(column, "bad_price", f"“{text[:40]}”: {fault}")
    return text


def _stock(cells: _Cells) -> int | None:
    text = cells.cells.get("stock", "")
    if not text:
        return None
    if not _WHOLE.fullmatch(text) or int(text) > LIMITS["stock_max"]:
        cells.refuse("stock", "bad_stock", f"“{text[:40]}” is not a whole number from 0 to {LIMITS['stock_max']}")
        return None
    return int(text)


def _pictures(cells: _Cells) -> tuple[str, ...]:
    links = [link.strip() for link in cells.cells.get("pictures", "").split("|") if link.strip()]
    if len(links) > LIMITS["pictures_max"]:
        cells.refuse("pictures", "too_many", f"has {len(links)} pictures, {LIMITS['pictures_max']} are allowed")
    for link in links:
        if not _LINK.fullmatch(link):
            cells.refuse("pictures", "bad_link", f"“{link[:60]}” is not an address beginning with https:// or /")
            break
    return tuple(links)
