"""The category tree, at most three levels deep."""

from collections.abc import Sequence
from typing import Any

from app.models import Category
from app.utils.errors import InvalidValue
from app.utils.shared import load_shared

TREE = "main"
DEPTH_MAX: int = load_shared("limits")["category_depth_max"]


def list_categories() -> list[Category]:
    """The whole tree: parents before their children, brothers by position and name."""
    rows = {row.slug: row for row in Category.objects(tree=TREE).limit(None)}
    return sorted(rows.values(), key=lambda row: [(rows[s].position, rows[s].name) for s in row.path if s in rows])


def paths_by_slug() -> dict[str, list[str]]:
    """Category slug → slugs from its root to itself."""
    return {row.slug: list(row.path) for row in Category.objects(tree=TREE).limit(None)}


def names_by_slug() -> dict[str, str]:
    """Category slug → its name."""
    return {row.slug: row.name for row in Category.objects(tree=TREE).limit(None)}


def path_of(slug: str | None) -> list[str]:
    """The slugs from the root to this category; empty for None. Raises InvalidValue (422) for an unknown one."""
    if not slug:
        return []
    row = Category.find(TREE, slug)
    if row is None:
        raise InvalidValue("There is no such category.", fields={"category": ["is not a known category"]})
    return list(row.path)


def add_category(
    slug: str, name: str, *, parent_slug: str | None = None, position: int = 0, motif: str = ""
) -> Category:
    """The category exists under its parent; a known slug is brought to these values.

    Raises InvalidValue (422) for an unknown parent or a fourth level.
    """
    path = [*path_of(parent_slug), slug]
    ensure_depth(path)
    values: dict[str, Any] = {
        "parent_slug": parent_slug,
        "name": name,
        "path": path,
        "position": position,
        "motif": motif,
    }
    known = Category.find(TREE, slug)
    if known is None:
        return Category.create(tree=TREE, slug=slug, **values)
    if all(getattr(known, column) == value for column, value in values.items()):
        return known
    return known.update(**values)


def ensure_depth(path: Sequence[str]) -> None:
    """Raises InvalidValue (422) for a path longer than three."""
    if len(path) > DEPTH_MAX:
        fault = f"would be deeper than {DEPTH_MAX} levels"
        raise InvalidValue("The category tree is too deep.", fields={"parent": [fault]})
