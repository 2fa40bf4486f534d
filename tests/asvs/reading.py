"""The product's own sources, read as a reviewer reads them."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FRONTENDS = ("frontend/src", "frontend-admin/src")


@cache
def python_sources() -> dict[str, str]:
    """Path from the top → text, of every Python file of the product."""
    files = [path for path in (ROOT / "app").rglob("*.py") if "static" not in path.parts]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in files}


@cache
def script_sources() -> dict[str, str]:
    """The same of both frontends' TypeScript, and of the scripts that are served as they are."""
    files = [path for folder in FRONTENDS for path in (ROOT / folder).rglob("*.ts*")]
    files += list((ROOT / "app" / "static").glob("*.js"))
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in files}


@cache
def _tree(path: str) -> ast.Module:
    return ast.parse(python_sources()[path])


def imports(path: str) -> set[str]:
    """Every module this file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def importers(*modules: str) -> set[str]:
    """The files that import one of these modules or a part of it."""
    roots = set(modules)
    return {
        path
        for path in python_sources()
        if any(name in roots or any(name.startswith(f"{root}.") for root in roots) for name in imports(path))
    }


def calls(*names: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of one of these, written as in the source (`eval`, `os.system`), with its file."""
    for path in python_sources():
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
                yield path, node


def matching(pattern: str, sources: dict[str, str]) -> set[str]:
    """The files with a match of the pattern."""
    return {path for path, text in sources.items() if re.search(pattern, text)}


def document(name: str) -> str:
    """A page of docs-source, with line breaks and backticks taken out."""
    return " ".join((ROOT / "docs-source" / name).read_text(encoding="utf-8").replace("`", "").split())
