"""The table of requirements is complete, and says of the tests what is so."""

import ast
import re
import tomllib

import pytest

from tests.asvs.reading import ROOT

FOLDER = ROOT / "tests" / "asvs"
OF_THE_STANDARD = {1: 70, 2: 176}
"""How many requirements ASVS 5.0.0 has in V1 to V16, by level."""
NAMED = re.compile(r"test_v(\d+)_(\d+)_(\d+)_")


@pytest.fixture(scope="module")
def table():
    return tomllib.loads((ROOT / "docs-source" / "asvs.toml").read_text(encoding="utf-8"))


def functions():
    """Every test of an item: `file::name` and its source."""
    for file in sorted(FOLDER.glob("test_v*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield f"{file.name}::{node.name}", ast.unparse(node)


@pytest.fixture(scope="module")
def tests():
    """Every test here that bears an item's number: `file::name` → id."""
    return {name: ".".join(named.groups()) for name, _ in functions() if (named := NAMED.match(name.split("::")[1]))}


def test_every_requirement_has_one_entry(table):
    listed = {identity: level for level in (1, 2, 3) for identity in table["ids"][f"level_{level}"]}
    in_order = sorted(listed.items(), key=lambda entry: [int(part) for part in entry[0].split(".")])
    assert [(item["id"], item["level"]) for item in table["item"]] == in_order
    for level, count in OF_THE_STANDARD.items():
        named = table["ids"][f"level_{level}"]
        assert len(named) == len(set(named)) == count
    assert {f"V{identity.split('.')[0]}" for identity in listed} == set(table["chapters"])


def test_every_entry_has_a_verdict_and_a_reason(table):
    for item in table["item"]:
        assert item["verdict"] in ("holds", "does not hold", "does not apply"), item
        assert len(item["why"]) > 3 and "|" not in item["why"], item


def test_what_holds_is_shown_by_a_test_of_its_name(table, tests):
    for item in table["item"]:
        if item["verdict"] == "holds":
            assert tests.get(item["test"]) == item["id"], item
        else:
            assert "test" not in item, item


def test_no_test_shows_what_the_table_does_not_claim(table, tests):
    claimed = {item["id"] for item in table["item"] if item["verdict"] == "holds"}
    assert set(tests.values()) == claimed


def test_no_test_is_empty():
    for name, source in functions():
        assert any(word in source for word in ("assert ", "pytest.raises", "is_refused(")), name
