"""What a hundred times more items cost: the same requests to a small and to a large catalog, in turns."""

from ..harness.load import read_load
from ..harness.measure import Comparison, interleave
from ..harness.place import Place
from ..harness.report import Row
from ..harness.servers import WebServer
from .reads import KEYSPACE, OURS, SEARCH_PATH, read_paths, size

LARGE = "bench_large"


def measure(place: Place) -> list[Row]:
    small, large = size(place), 20_000 if place.quick else 1_000_000
    near = place.server(OURS, "small", "/health", place.catalog(KEYSPACE, small))
    far = place.server(OURS, "large", "/health", place.catalog(LARGE, large))
    with near, far:
        read = _cost(place, near, far, read_paths("/api/products/", small), read_paths("/api/products/", large))
        search = _cost(place, near, far, [SEARCH_PATH], [SEARCH_PATH])
    growth = f"{small:,} to {large:,} items"
    return [
        Row("growth_read", f"Cost of a key read, {growth}", "itself", 1.5, True, read),
        Row("growth_search", f"Cost of a search page, {growth}", "itself", 1.5, True, search),
    ]


def _cost(
    place: Place, near: WebServer, far: WebServer, near_paths: list[str], far_paths: list[str]
) -> dict[str, object]:
    """How many times the small catalog's time a request of the large one takes."""
    compared = interleave(
        lambda: read_load(far, far_paths, place.turn_seconds),
        lambda: read_load(near, near_paths, place.turn_seconds),
        place.rounds,
    )
    return _inverted(compared)


def _inverted(compared: Comparison) -> dict[str, object]:
    """Rates into costs: the ratios turned over, low and high changed."""
    figures = compared.as_figures()
    low, high = 1 / max(compared.ratios), 1 / min(compared.ratios)
    return {
        **figures,
        "ratio": round(1 / figures["ratio"], 3),
        "ratio_low": round(low, 3),
        "ratio_high": round(high, 3),
    }
