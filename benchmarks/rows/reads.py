"""Key read and search page over HTTP, against bare Flask doing the same read and the same query."""

import json
from collections.abc import Mapping

from ..harness.http_client import Client
from ..harness.load import read_load
from ..harness.measure import interleave
from ..harness.place import Place
from ..harness.report import Row
from ..harness.sample import CATEGORIES, product_id
from ..harness.servers import WebServer

OURS = "run:application()"
RAW = "benchmarks.raw.web:create_app()"
KEYSPACE = "bench"
_SHELF, _PRICE_FROM = CATEGORIES[3], 10_000
SEARCH_PATH = f"/api/products?category={_SHELF}&min_price=100.00&currency=USD&sort=price&size=20&facets=false"


def size(place: Place) -> int:
    return 200 if place.quick else 10_000


def read_paths(prefix: str, items: int, wanted: int = 400) -> list[str]:
    """Addresses of items spread over the whole catalog."""
    return [prefix + product_id(number * (items - 1) // (wanted - 1)) for number in range(wanted)]


def search_query(keyspace: str) -> dict[str, object]:
    """What ours asks for SEARCH_PATH, written out by hand; `same_page` proves that it is the same."""
    body = {
        "query": {
            "bool": {
                "filter": [
                    {"term": {"status": "published"}},
                    {"term": {"currency": "USD"}},
                    {"range": {"price_cents": {"gte": _PRICE_FROM}}},
                    {"terms": {"category_path": [_SHELF]}},
                ],
                "must": [],
            }
        },
        "size": 21,
        "from": 0,
        "sort": [{"price_cents": {"order": "asc", "missing": "_last"}}, {"id": {"order": "asc"}}],
        "track_total_hits": 10_000,
    }
    return {"index": f"{keyspace}_product", "body": body}


def same_page(ours: WebServer, raw: WebServer) -> None:
    """Both servers find the same items. Raises RuntimeError when they do not: then they do not do the same work."""
    mine = Client("127.0.0.1", ours.port).get(SEARCH_PATH).json()
    theirs = Client("127.0.0.1", raw.port).get("/search").json()
    ids = [[item["id"] for item in answer["data"]][:20] for answer in (mine, theirs)]
    if ids[0] != ids[1] or len(ids[0]) != 20 or mine["page"]["total"] != theirs["total"]:
        raise RuntimeError(f"The search pages differ: {ids[0][:3]} and {ids[1][:3]}.")


def raw_environ(environ: Mapping[str, str]) -> dict[str, str]:
    return {**environ, "BENCH_QUERY": json.dumps(search_query(environ["CASSANDRA_KEYSPACE"]))}


def measure(place: Place) -> list[Row]:
    """Both rows, on one pair of servers."""
    items = size(place)
    environ = place.catalog(KEYSPACE, items)
    ours = place.server(OURS, "ours", "/health", environ)
    raw = place.server(RAW, "raw", "/search", raw_environ(environ))
    with ours, raw:
        same_page(ours, raw)
        return [_read_item(place, ours, raw, items), _search_page(place, ours, raw)]


def _read_item(place: Place, ours: WebServer, raw: WebServer, items: int) -> Row:
    our_paths, raw_paths = read_paths("/api/products/", items), read_paths("/product/", items)
    compared = interleave(
        lambda: read_load(ours, our_paths, place.turn_seconds),
        lambda: read_load(raw, raw_paths, place.turn_seconds),
        place.rounds,
    )
    return Row(
        "read_item",
        "Read one item by id over HTTP",
        "bare Flask, one prepared read",
        0.7,
        figures=compared.as_figures(),
    )


def _search_page(place: Place, ours: WebServer, raw: WebServer) -> Row:
    compared = interleave(
        lambda: read_load(ours, [SEARCH_PATH], place.turn_seconds),
        lambda: read_load(raw, ["/search"], place.turn_seconds),
        place.rounds,
    )
    return Row(
        "search_page",
        "Search page of 20, filtered and sorted",
        "bare Flask, the same query",
        0.8,
        figures=compared.as_figures(),
    )
