"""One mirrored write, against a prepared insert and an index request written by hand."""

from ..harness.contender import Contender
from ..harness.measure import interleave
from ..harness.place import Place
from ..harness.report import Row
from .reads import KEYSPACE, size


def measure(place: Place) -> list[Row]:
    environ = place.catalog(KEYSPACE, size(place))
    count = 50 if place.quick else 300
    with (
        Contender("mirrored_write", "ours", environ=environ) as ours,
        Contender("mirrored_write", "raw", environ=environ) as raw,
        Contender("mirrored_write", "raw_outbox", environ=environ) as raw_outbox,
    ):
        ours.ask(drain=True)
        plain = interleave(lambda: ours.turn(count=count), lambda: raw.turn(count=count), place.rounds)
        written = count * (place.rounds + 1)
        drained = ours.turn(drain=True)
        equal = interleave(lambda: ours.turn(count=count), lambda: raw_outbox.turn(count=count), place.rounds)
    figures, beside = plain.as_figures(), equal.as_figures()
    note = (
        f"Beside a baseline with the same guarantee (row and outbox row in one logged batch): {beside['ratio']:.2f} × "
        f"({beside['ratio_low']:.2f} to {beside['ratio_high']:.2f}). The relay then confirmed {drained.count:,} of "
        f"{written:,} writes at {drained.rate:,.0f} a second, {drained.cpu_ms:.2f} ms CPU each."
    )
    return [
        Row(
            "mirrored_write", "Write one row with its mirror", "raw insert and raw index", 0.5,
            figures={**figures, "with_outbox": beside}, unit="writes/s", notes=[note],
        )
    ]  # fmt: skip
