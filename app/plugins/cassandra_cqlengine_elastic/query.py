"""Questions to the mirror: `Model.elastic(...)` and what can be chained to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from elasticsearch import ApiError
from werkzeug.exceptions import NotFound

from app.plugins.cassandra_cqlengine import Model
from app.plugins.cassandra_cqlengine_elastic import conditions
from app.plugins.cassandra_cqlengine_elastic.search import search

MOST_ROWS = 10_000
Row = TypeVar("Row", bound=Model)
FacetSpec = int | Sequence[tuple[int | None, int | None]]


class CursorRefused(ValueError):
    """The position to go on from does not fit the query."""


@dataclass(frozen=True)
class Page:
    """One page of documents: total matches (counted to MOST_ROWS), and the sort values to go on from (None: the last).

    To count further would cost the more the more there is; nobody turns that many pages.
    """

    documents: list[dict[str, Any]]
    total: int
    next: list[Any] | None


class Query(Generic[Row]):
    """A question that is built up call by call; each call changes and returns this same object."""

    def __init__(self, model: type[Row]) -> None:
        self.model = model
        self.table = model._raw_column_family_name()
        self.columns = search().definitions[self.table]
        self.total: int | None = None
        self.facet_counts: dict[str, list[tuple[Any, int]]] = {}
        self._filters: list[conditions.Clause] = []
        self._matching: list[conditions.Clause] = []
        self._facet_filters: dict[str, conditions.Clause] = {}
        self._facets: dict[str, FacetSpec] = {}
        self._sorts: list[dict[str, Any]] = []
        self._size, self._from = MOST_ROWS, 0

    # building

    def where(self, column: str, *condition_and_value: Any) -> Self:
        """Only rows where the column meets the condition: `(column, value)` or `(column, condition, value)`.

        Raises ValueError for an unknown column or condition and for a value that does not fit.
        """
        if len(condition_and_value) == 1:
            condition, value = "=", condition_and_value[0]
        elif len(condition_and_value) == 2:
            condition, value = condition_and_value
            if condition in conditions.WITHOUT_VALUE:
                raise ValueError(f"{condition} takes no value")
        else:
            raise ValueError("where takes (column, value) or (column, condition, value)")
        self._filters.append(conditions.clause(column, self._spec(column), condition, value))
        return self

    def where2(self, column: str, condition: str) -> Self:
        """Only rows where the column meets a condition without a value: `exists` or `missing`."""
        if condition not in conditions.WITHOUT_VALUE:
            raise ValueError(f"{condition!r} needs a value")
        self._filters.append(conditions.clause(column, self._spec(column), condition, None))
        return self

    def match(self, text: str, weights: Mapping[str, float], *, fuzzy: bool = True) -> Self:
        """Only rows that hold these words in the text columns of `weights`, best first unless sorted otherwise."""
        for name in weights:
            if self._spec(name)["type"] != "text":
                raise ValueError(f"{name} is not a text column")
        self._matching.append(conditions.matching(text, weights, fuzzy=fuzzy))
        return self

    def sort(self, name: str, order: str = "desc") -> Self:
        """Order by a column; the first call has priority, ties go by key, rows without a value come last."""
        if order not in ("asc", "desc"):
            raise ValueError("order is asc or desc")
        field = conditions.exact_field(name, self._spec(name))
        self._sorts.append({field: {"order": order, "missing": "_last"}})
        return self

    def take(self, size: int, from_index: int = 0) -> Self:
        """Only `size` rows (0..10000) from the given place on."""
        if not 0 <= size <= MOST_ROWS or from_index < 0 or size + from_index > MOST_ROWS:
            raise ValueError(f"take reaches to row {MOST_ROWS} at most")
        self._size, self._from = size, from_index
        return self

    def filter_facet(self, column: str, values: Iterable[Any]) -> Self:
        """Only rows with one of these values, while this column's own facet goes on counting all values."""
        chosen = list(values)
        if chosen:
            self._facet_filters[column] = conditions.clause(column, self._spec(column), "in", chosen)
        return self

    def facets(self, wanted: Mapping[str, FacetSpec]) -> Self:
        """Count matches by value: column → how many values at most, or pairs (from, below) of a number column."""
        for name in wanted:
            self._spec(name)
        self._facets.update(wanted)
        return self

    # asking

    def count(self) -> int:
        """The number of matches, whatever was taken."""
        body = {"bool": {"filter": [*self._filters, *self._facet_filters.values()], "must": self._matching}}
        return int(search().call(lambda c: c.count(index=search().alias(self.table), query=body))["count"])

    def get(self) -> list[Row]:
        """The rows, read again from Cassandra in the order found; those gone meanwhile are left out."""
        keys = list(self.model._primary_keys)
        documents = self._documents(source=keys)
        return self.model.find_many([tuple(document[name] for name in keys) for document in documents])

    def first(self) -> Row | None:
        """The first row or None."""
        size, self._size = self._size, min(self._size, 1)
        try:
            rows = self.get()
        finally:
            self._size = size
        return rows[0] if rows else None

    def first_or_404(self) -> Row:
        """The first row, or an HTTP 404."""
        row = self.first()
        if row is None:
            raise NotFound()
        return row

    def documents(self) -> list[dict[str, Any]]:
        """The documents as the mirror holds them, without reading Cassandra."""
        return self._documents(source=None)

    def page(self, size: int, after: Sequence[Any] | None = None) -> Page:
        """One page of documents, going on after the sort values of an earlier page's `next`.

        Raises CursorRefused when these do not fit this query.
        """
        asked = size + 1 if after is not None else min(size + 1, MOST_ROWS - self._from)
        body = self._body(size=asked) | {"track_total_hits": MOST_ROWS}
        if after is not None:
            if len(after) != len(body["sort"]):
                raise CursorRefused("the cursor belongs to another query")
            body["search_after"] = list(after)
            body.pop("from", None)
        hits = self._ask(body)
        following = hits[size - 1]["sort"] if len(hits) > size else None
        return Page([hit["_source"] for hit in hits[:size]], self.total or 0, following)

    # inside

    def _spec(self, column: str) -> Mapping[str, Any]:
        spec = self.columns.get(column)
        if spec is None:
            raise ValueError(f"{self.table} has no searchable column {column!r}")
        return spec

    def _documents(self, source: list[str] | None) -> list[dict[str, Any]]:
        body = self._body(size=self._size)
        if source is not None:
            body["source"] = source
        return [hit["_source"] for hit in self._ask(body)]

    def _body(self, size: int) -> dict[str, Any]:
        chosen = list(self._facet_filters.values())
        filters = self._filters if self._facets else [*self._filters, *chosen]
        body: dict[str, Any] = {
            "query": {"bool": {"filter": filters, "must": self._matching}},
            "size": size,
            "from": self._from,
            "sort": self._order(),
            "track_total_hits": True,
        }
        if self._facets:
            body["post_filter"] = {"bool": {"filter": chosen}}
            body["aggs"] = {name: self._facet(name, spec) for name, spec in self._facets.items()}
        return body

    def _order(self) -> list[dict[str, Any]]:
        order = list(self._sorts)
        if not order and self._matching:
            order.append({"_score": {"order": "desc"}})
        keys = [name for name in self.model._primary_keys if name in self.columns]
        return order + [{name: {"order": "asc"}} for name in keys]

    def _facet(self, name: str, spec: FacetSpec) -> dict[str, Any]:
        others = [clause for column, clause in self._facet_filters.items() if column != name]
        field = conditions.exact_field(name, self.columns[name])
        if isinstance(spec, int):
            counted: dict[str, Any] = {"terms": {"field": field, "size": spec}}
        else:
            ranges = [{"from": low, "to": high} for low, high in spec]
            counted = {
                "range": {"field": field, "ranges": [{k: v for k, v in r.items() if v is not None} for r in ranges]}
            }
        return {"filter": {"bool": {"filter": others}}, "aggs": {"values": counted}}

    def _ask(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        where = search()
        try:
            answer = where.call(lambda client: client.search(index=where.alias(self.table), **_arguments(body)))
        except ApiError as fault:
            if "search_after" in body and fault.meta.status == 400:
                raise CursorRefused("the cursor does not fit this query") from fault
            raise
        self.total = answer["hits"]["total"]["value"]
        for name, facet in answer.get("aggregations", {}).items():
            self.facet_counts[name] = [_bucket(bucket) for bucket in facet["values"]["buckets"]]
        return answer["hits"]["hits"]


def _arguments(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"from_" if name == "from" else name: value for name, value in body.items()}


def _bucket(bucket: Mapping[str, Any]) -> tuple[Any, int]:
    if "from" in bucket or "to" in bucket:
        return (bucket.get("from"), bucket.get("to")), bucket["doc_count"]
    return bucket.get("key_as_string", bucket["key"]), bucket["doc_count"]
