"""One search box over everything public."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.models import Course, Product, School, Store
from app.utils.shared import load_shared

KINDS = ("course", "product", "class", "station", "school", "store")
HITS_PER_KIND: int = load_shared("limits")["search_hits_per_kind"]


@dataclass(frozen=True)
class Hits:
    """The best matches of one kind. total: all matches."""

    kind: str
    total: int
    documents: list[dict[str, Any]]


def search(q: str, kinds: Sequence[str]) -> list[Hits]:
    """Up to five best public matches of each kind, misspelt words included. Raises SearchUnavailable (503)."""
    return [_search_kind(kind, q) for kind in dict.fromkeys(kinds)]


def _items(model: Any) -> Callable[[str], Any]:
    return lambda q: model.elastic("status", "published").match(q, {"title": 4.0, "description": 1.0}, fuzzy=True)


def _sellers(model: Any) -> Callable[[str], Any]:
    weights = {"name": 4.0, "tagline": 1.0, "description": 1.0}
    return lambda q: model.elastic("is_active", True).match(q, weights, fuzzy=True)


_QUERIES: dict[str, Callable[[str], Any]] = {
    "course": _items(Course),
    "product": _items(Product),
    "school": _sellers(School),
    "store": _sellers(Store),
}


def _search_kind(kind: str, q: str) -> Hits:
    make = _QUERIES.get(kind)
    if make is None:
        return Hits(kind, 0, [])
    page = make(q).page(HITS_PER_KIND, None)
    return Hits(kind, page.total, page.documents)
