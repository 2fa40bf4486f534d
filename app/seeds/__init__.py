"""The demo, in the order in which its parts need each other; the same on every run."""

from collections.abc import Callable
from datetime import UTC, datetime

from app.env import Settings
from app.seeds import accounts, catalog, orders, stores

SEEDED_AT = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
SEEDS: tuple[tuple[str, Callable[[Settings, datetime], int]], ...] = (
    ("accounts", accounts.seed),
    ("sellers", stores.seed),
    ("catalog", catalog.seed),
    ("orders", orders.seed),
)

__all__ = ["SEEDED_AT", "SEEDS"]
