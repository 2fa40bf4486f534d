"""Who may import whom, and how large a file or function may grow. Reads the sources with `ast`; runs nothing."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app"
SOURCES = sorted(path for path in APP.rglob("*.py") if "static" not in path.relative_to(APP).parts)
FLOORS = ("net", "services", "models", "plugins", "utils")
BELOW = {
    "net": {"net", "services", "models", "plugins", "elastic", "env", "utils"},
    "services": {"services", "models", "plugins", "elastic", "env", "utils"},
    "models": {"models", "plugins", "env", "utils"},
    "plugins": {"plugins", "env", "utils"},
    "utils": {"utils"},
    "elastic": set(),
    "env": set(),
}
JOBS = APP / "plugins" / "apscheduler" / "jobs.py"
ENVIRONMENT = {
    APP / "env.py",
    *(APP / "plugins" / "embedded_engines").glob("*.py"),  # starts processes, which inherit one
    *(APP / "plugins" / "web_server").glob("*.py"),  # the same
    APP / "plugins" / "metrics" / "__init__.py",  # where prometheus_client itself looks for its folder
    APP / "plugins" / "cassandra_cqlengine" / "management.py",  # cqlengine's own switch for schema changes
}
WEB = {"flask", "werkzeug", "flask_login", "flask_openapi3", "flask_socketio", "flask_limiter"}
MOST_LINES = 300
MOST_FUNCTION_LINES = 40
MOST_ROUTE_LINES = 15
MOST_PARAMETERS = 5
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def floor_of(path: Path) -> str:
    first = path.relative_to(APP).parts[0]
    return first.removesuffix(".py")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """Every module a file imports, at whatever depth, as absolute names with the line."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            for alias in node.names:
                yield f"{module}.{alias.name}", node.lineno


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, FUNCTION):
            yield node


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, without decorators, signature and docstring."""
    body = function.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def each_source(*floors: str) -> list[Path]:
    return [path for path in SOURCES if floor_of(path) in floors]


@pytest.mark.parametrize("path", each_source(*BELOW), ids=name_of)
def test_a_floor_imports_only_itself_and_what_is_below(path):
    allowed = BELOW[floor_of(path)]
    if path == JOBS:
        allowed = allowed | {"services"}
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for module, line in imports_of(path)
        if module.startswith("app.") and module.split(".")[1] not in allowed
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", each_source("services", "models", "utils"), ids=name_of)
def test_rules_know_nothing_of_the_web(path):
    wrong = [
        f"{name_of(path)}:{line} imports {module}" for module, line in imports_of(path) if module.split(".")[0] in WEB
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", [APP / "env.py"], ids=name_of)
def test_settings_need_only_the_standard_library(path):
    wrong = [module for module, _ in imports_of(path) if module.split(".")[0] not in sys.stdlib_module_names]
    assert not wrong


def test_index_definitions_import_nothing():
    assert list(imports_of(APP / "elastic.py")) == []


@pytest.mark.parametrize("path", [path for path in SOURCES if path not in ENVIRONMENT], ids=name_of)
def test_only_the_settings_module_reads_the_environment(path):
    wrong = [
        f"{name_of(path)}:{node.lineno}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and ast.unparse(node.value) == "os"
    ]
    assert not wrong


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_cycle_is_dodged_by_an_import_inside_a_function(path):
    wrong = [
        f"{name_of(path)}:{inner.lineno}"
        for function in functions_of(path)
        for inner in ast.walk(function)
        if isinstance(inner, (ast.Import, ast.ImportFrom)) and "app" in ast.unparse(inner).replace(".", " ").split()
    ]
    assert not wrong


@pytest.mark.parametrize("path", [p for p in SOURCES if floor_of(p) == "services"], ids=name_of)
def test_rules_do_not_read_the_clock(path):
    wrong = [
        f"{name_of(path)}:{node.lineno} {ast.unparse(node.func)}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("utc_now", "datetime.now", "datetime.utcnow", "time.time", "date.today")
    ]
    assert not wrong


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file_stays_readable(path):
    count = len(path.read_text(encoding="utf-8").splitlines())
    assert count <= MOST_LINES, f"{name_of(path)} has {count} lines; make it a folder"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_function_stays_readable(path):
    wrong = [
        f"{name_of(path)}:{function.lineno} {function.name} has {lines_of(function)} lines"
        for function in functions_of(path)
        if lines_of(function) >= MOST_FUNCTION_LINES
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", each_source("services"), ids=name_of)
def test_a_rule_takes_few_values(path):
    """Positional parameters; keyword-only ones name themselves at the call."""
    wrong = [
        f"{name_of(path)}:{function.lineno} {function.name}"
        for function in functions_of(path)
        if not function.name.startswith("_")
        and len([name for name in function.args.args if name.arg not in ("self", "cls")]) > MOST_PARAMETERS
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", sorted((APP / "net" / "http").glob("*.py")), ids=name_of)
def test_a_route_only_parses_calls_and_answers(path):
    for function in functions_of(path):
        verbs = [ast.unparse(decorator) for decorator in function.decorator_list]
        if any(f".{verb}(" in text for text in verbs for verb in ("get", "post", "put", "patch", "delete")):
            assert lines_of(function) <= MOST_ROUTE_LINES, f"{name_of(path)}:{function.lineno} {function.name}"


@pytest.mark.parametrize("path", each_source("net"), ids=name_of)
def test_routes_read_and_write_rows_through_services_only(path):
    """A row's class may be named as a type; asking it for rows is for the rules."""
    rows = {module.split(".")[-1] for module, _ in imports_of(path) if module.startswith("app.models.")}
    wrong = [
        f"{name_of(path)}:{node.lineno} {ast.unparse(node)}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in rows
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", each_source("net", "services", "models"), ids=name_of)
def test_faults_are_not_swallowed(path):
    """`except Exception` stands in the error handler and in announcements only, and logs there."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ExceptHandler) and node.type is not None and ast.unparse(node.type) == "Exception":
            body = "\n".join(ast.unparse(line) for line in node.body)
            logs_or_passes_on = "log." in body or isinstance(node.body[-1], ast.Raise)
            assert logs_or_passes_on, f"{name_of(path)}:{node.lineno} catches Exception in silence"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_query_filters_in_the_store(path):
    assert not [
        node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Attribute) and node.attr == "allow_filtering"
    ]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_module_says_what_it_is(path):
    tree = tree_of(path)
    if not all(isinstance(node, (ast.Import, ast.ImportFrom, ast.Assign)) for node in tree.body):
        assert ast.get_docstring(tree), f"{name_of(path)} has no docstring"
