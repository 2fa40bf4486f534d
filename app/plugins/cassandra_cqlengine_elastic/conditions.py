"""The conditions of a query as Elasticsearch clauses; what cannot be asked raises ValueError before any call."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from app.plugins.cassandra_cqlengine_elastic.search import SORTABLE

Clause = dict[str, Any]

WITHOUT_VALUE = ("exists", "missing")
_VALUE_TYPES: Mapping[str, tuple[type, ...]] = {
    "keyword": (str,),
    "text": (str,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "boolean": (bool,),
    "date": (datetime, date, str),
    "geo_point": (str,),
}
_MOST_WORDS = 16


def exact_field(name: str, spec: Mapping[str, Any]) -> str:
    """The field that compares and sorts: the keyword form of a text."""
    return f"{name}.{SORTABLE}" if spec["type"] == "text" else name


def plain_value(name: str, spec: Mapping[str, Any], value: Any) -> Any:
    """A value as documents hold it. Raises ValueError when the column cannot hold it."""
    if not isinstance(value, _VALUE_TYPES[spec["type"]]) or (isinstance(value, bool) and spec["type"] != "boolean"):
        raise ValueError(f"{name} cannot be compared with {value!r}")
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and spec["type"] == "date":
        datetime.fromisoformat(value)
    return value


def clause(name: str, spec: Mapping[str, Any], condition: str, value: Any) -> Clause:
    """One condition on one column. Raises ValueError for a condition that does not exist or does not fit."""
    if spec["type"] not in _VALUE_TYPES:
        raise ValueError(f"{name} is not searched")
    if condition in WITHOUT_VALUE:
        if value is not None:
            raise ValueError(f"{condition} takes no value")
        return _present(name) if condition == "exists" else {"bool": {"must_not": [_present(name)]}}
    build = _BUILDERS.get(condition)
    if build is None:
        raise ValueError(f"{condition!r} is not a condition")
    return build(name, spec, value)


def _present(name: str) -> Clause:
    return {"exists": {"field": name}}


def _equal(name: str, spec: Mapping[str, Any], value: Any) -> Clause:
    if value is None or isinstance(value, (list, tuple, set, dict)):
        raise ValueError(f"{name} = needs a single value")
    return {"term": {exact_field(name, spec): plain_value(name, spec, value)}}


def _any_of(name: str, spec: Mapping[str, Any], value: Any) -> Clause:
    if isinstance(value, (str, bytes)) or not isinstance(value, (list, tuple, set, frozenset)):
        raise ValueError(f"{name} in needs a list")
    if not value:
        return {"match_none": {}}
    return {"terms": {exact_field(name, spec): [plain_value(name, spec, item) for item in value]}}


def _compared(operator: str) -> Callable[[str, Mapping[str, Any], Any], Clause]:
    def build(name: str, spec: Mapping[str, Any], value: Any) -> Clause:
        if value is None or isinstance(value, (list, tuple, set, dict)):
            raise ValueError(f"{name} needs a single value to be compared with")
        return {"range": {exact_field(name, spec): {operator: plain_value(name, spec, value)}}}

    return build


def _between(low: str, high: str) -> Callable[[str, Mapping[str, Any], Any], Clause]:
    def build(name: str, spec: Mapping[str, Any], value: Any) -> Clause:
        if not isinstance(value, (list, tuple)) or len(value) != 2 or None in value:
            raise ValueError(f"{name} between needs a pair")
        ends = {low: plain_value(name, spec, value[0]), high: plain_value(name, spec, value[1])}
        return {"range": {exact_field(name, spec): ends}}

    return build


def _full_text(name: str, spec: Mapping[str, Any], value: Any) -> Clause:
    if spec["type"] != "text":
        raise ValueError(f"{name} is not a text column")
    if not isinstance(value, str):
        raise ValueError(f"{name} common needs a text")
    return {"match": {name: {"query": value, "operator": "and"}}}


_BUILDERS: Mapping[str, Callable[[str, Mapping[str, Any], Any], Clause]] = {
    "=": _equal,
    "in": _any_of,
    ">": _compared("gt"),
    ">=": _compared("gte"),
    "<": _compared("lt"),
    "<=": _compared("lte"),
    "between": _between("gte", "lte"),
    "<between": _between("gt", "lte"),
    "between>": _between("gte", "lt"),
    "<between>": _between("gt", "lt"),
    "common": _full_text,
}


def matching(text: str, weights: Mapping[str, float], *, fuzzy: bool) -> Clause:
    """Full text over several columns: every word in one of them, with typos forgiven when `fuzzy`.

    A word of 3 to 5 letters may have one wrong letter, a longer one two; the last word may be unfinished. Words
    written as they stand in the document, and in its order, count for more.
    """
    fields = [f"{name}^{weight:g}" for name, weight in weights.items()]
    words = text.split()[:_MOST_WORDS]
    required = [_word(word, fields, fuzzy=fuzzy, unfinished=word is words[-1]) for word in words]
    exact = [
        {"multi_match": {"query": text, "fields": fields, "boost": 3}},
        {"multi_match": {"query": text, "fields": fields, "type": "phrase", "boost": 4}},
    ]
    return {"bool": {"must": required, "should": exact}} if required else {"match_none": {}}


def _word(word: str, fields: Sequence[str], *, fuzzy: bool, unfinished: bool) -> Clause:
    ways: list[Clause] = [{"multi_match": {"query": word, "fields": fields, "operator": "and"}}]
    if fuzzy:
        forgiving = {"query": word, "fields": fields, "fuzziness": "AUTO", "prefix_length": 1, "operator": "and"}
        ways.append({"multi_match": forgiving | {"boost": 0.5}})
    if unfinished:
        ways.append({"multi_match": {"query": word, "fields": fields, "type": "bool_prefix", "boost": 0.7}})
    return {"dis_max": {"queries": ways}} if len(ways) > 1 else ways[0]
