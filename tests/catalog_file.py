"""Catalog files as sellers really send them: quotes, accents, emoji, right-to-left text, and their mistakes."""

import csv
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

COLUMNS = ("sku", "name", "price", "description", "brand", "category", "stock", "compare_at", "barcode", "status")
THINGS = (
    "Salsa shoes",
    "Café press",
    "Leather “Oxford” shoe",
    'Monitor 27"',
    "Gürtel aus Leder",
    "Piñata 🎉",
    "كتاب الطبخ",
    "ספר בישול",
    "Чайник",
    "抹茶碗",
    "Crème brûlée torch",
    "Rock'n'roll T-shirt",
    "Yoga mat 🧘‍♀️",
    "Ukulele, soprano",
    "Smørrebrød board",
    "Naïve print; framed",
    "Tasse “Grüß Gott”",
    "Zażółć notebook",
    "Bücher-Set (3)",
    "Lamp\nwith dimmer",
)
BRANDS = ("Dancewell", "Kitefoot", "Ångström", "O'Neil & Sons", "דני", "الفن", "Čapek", "")
TEXTS = (
    'Made by hand, "just for you".',
    "Ships in 2–3 days; returns within 30.",
    "Très léger, très solide 🇫🇷",
    '=HYPERLINK("http://example.com")',
    "@home use",
    "-10 °C to +40 °C",
    "خصم خاص للطلاب",
    "Line one\nLine two\n\nLine four",
    "",
)
MISTAKES = (
    "price_words",
    "price_comma",
    "price_decimals",
    "price_negative",
    "no_title",
    "no_sku",
    "stock_half",
    "category_typo",
    "too_long",
    "extra_cells",
    "open_quote",
    "status_typo",
)
CODE_OF_MISTAKE = {
    "price_words": "bad_price",
    "price_comma": "bad_price",
    "price_decimals": "bad_price",
    "price_negative": "bad_price",
    "no_title": "blank",
    "no_sku": "blank",
    "stock_half": "bad_stock",
    "category_typo": "unknown_category",
    "too_long": "too_long",
    "extra_cells": "unreadable_row",
    "open_quote": "unreadable_row",
    "status_typo": "unknown_status",
}


@dataclass
class WrittenFile:
    """What is in the file. skus: those of good rows; refused: code → rows; repeated: rows whose SKU came before."""

    path: Path
    rows: int = 0
    skus: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)
    refused_rows: set[int] = field(default_factory=set)
    repeated: int = 0
    stock: dict[str, int | None] = field(default_factory=dict)


def write_catalog(
    path: Path, rows: int, *, categories: tuple[str, ...], seed: int = 2026, faulty: float = 0.01
) -> WrittenFile:
    """A product file of so many rows, the same for the same seed."""
    chance = random.Random(seed)
    written = WrittenFile(path, rows)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(2, rows + 2):
            cells = _good_cells(number, chance, categories)
            if chance.random() < 0.002 and written.skus and number > 1000:
                cells["sku"] = f"SKU-{number - 700:06d}"
            mistake = chance.choice(MISTAKES) if chance.random() < faulty else None
            if mistake:
                written.refused[CODE_OF_MISTAKE[mistake]] += 1
                written.refused_rows.add(number)
                if mistake == "open_quote":
                    file.write(f'{cells["sku"]},"never closed,{cells["price"]},,,,,,,\r\n')
                    continue
                _spoil(cells, mistake)
            else:
                written.repeated += cells["sku"] in written.skus
                written.skus.add(cells["sku"])
                written.stock[cells["sku"]] = int(cells["stock"]) if cells["stock"] else written.stock.get(cells["sku"])
            line = [cells[column] for column in COLUMNS]
            writer.writerow([*line, "one", "too many"] if mistake == "extra_cells" else line)
    return written


def _good_cells(number: int, chance: random.Random, categories: tuple[str, ...]) -> dict[str, str]:
    price = chance.randrange(99, 99_999)
    return {
        "sku": f"SKU-{number:06d}",
        "name": f"{chance.choice(THINGS)} {chance.choice(('red', 'blau', 'noir', 'أحمر', '№ 5', '✨'))} {number}",
        "price": f"{price // 100}.{price % 100:02d}" if chance.random() < 0.9 else str(price // 100),
        "description": chance.choice(TEXTS),
        "brand": chance.choice(BRANDS),
        "category": chance.choice(categories) if chance.random() < 0.8 else "",
        "stock": chance.choice(("", "0", "3", "12", "250")),
        "compare_at": f"{price // 100 + 20}.00" if chance.random() < 0.15 else "",
        "barcode": f"40{number:011d}" if chance.random() < 0.5 else "",
        "status": chance.choice(("", "published", "draft")),
    }


def _spoil(cells: dict[str, str], mistake: str) -> None:
    changes = {
        "price_words": ("price", "twelve"),
        "price_comma": ("price", "12,50"),
        "price_decimals": ("price", "12.505"),
        "price_negative": ("price", "-4.00"),
        "no_title": ("name", "   "),
        "no_sku": ("sku", ""),
        "stock_half": ("stock", "2.5"),
        "category_typo": ("category", "shooes"),
        "too_long": ("name", "very " * 60),
        "status_typo": ("status", "publishd"),
    }
    if mistake in changes:
        column, text = changes[mistake]
        cells[column] = text
