"""A rebuild of an index from Cassandra, against `_bulk` of the same documents that are in memory already."""

from ..harness.contender import Contender
from ..harness.measure import interleave
from ..harness.place import Place
from ..harness.report import Row

KEYSPACE = "bench_rebuild"


def measure(place: Place) -> list[Row]:
    items = 5_000 if place.quick else 200_000
    environ = place.catalog(KEYSPACE, items)
    peaks: list[dict[str, float]] = []

    with (
        Contender("rebuild", "ours", str(items), environ=environ) as ours,
        Contender("rebuild", "raw", str(items), environ=environ) as raw,
    ):

        def rebuild():
            figures = ours.ask()
            peaks.append(figures)
            return ours.slice_of(figures)

        compared = interleave(rebuild, raw.turn, 2 if place.quick else 5)
    quarter, peak = (max(figures[name] for figures in peaks) for name in ("quarter_mib", "peak_mib"))
    note = (
        f"{items:,} documents, {peaks[-1]['processes']} processes. Memory of the rebuild: {quarter:.0f} MiB a quarter "
        f"of the way, {peak:.0f} MiB at its highest."
    )
    return [
        Row(
            "rebuild", f"Rebuild of {items:,} documents", "raw _bulk of the same from memory", 0.6,
            figures={**compared.as_figures(), "quarter_mib": quarter, "peak_mib": peak},
            unit="documents/s", notes=[note],
        )
    ]  # fmt: skip
