"""200 signed-in clients want the last item in the same moment, over HTTP."""

import json
import threading
import time
from collections import Counter

from ..harness.place import Place
from ..harness.report import Row
from .purchase import OurBuyer, buyers
from .reads import KEYSPACE, OURS, size


def measure(place: Place) -> list[Row]:
    environ = place.catalog(KEYSPACE, size(place))
    clients = 40 if place.quick else 200
    last = json.loads(place.run("-m", "benchmarks.contenders.goods", "1", "1", environ=environ))
    with place.server(OURS, "ours", "/health", environ) as server:
        racers = buyers(server, last, clients)
        for racer in racers:
            racer.put_in_cart(last[0])
        seconds, outcomes = race(racers)
    sold = outcomes.pop("201", 0)
    refused = outcomes.pop("409 out_of_stock", 0)
    balance = int(place.run("-m", "benchmarks.contenders.audit", last[0], environ=environ))
    held = sold == 1 and refused == clients - 1 and balance == 0
    said = f"{sold} sold, {refused} refused with 409 in {seconds:.1f} s, ledger sums to {balance}"
    if outcomes:
        said += f"; also {dict(outcomes)}"
    must = f"1 sold, {clients - 1} refused, ledger balanced"
    return [
        Row(
            "last_item",
            f"Last item, {clients} clients at once",
            "",
            figures={"must": must, "measured": said},
            held=held,
        )
    ]


def race(racers: list[OurBuyer]) -> tuple[float, Counter[str]]:
    """All order in the same moment; how long until the last has its answer, and how many got which."""
    barrier = threading.Barrier(len(racers) + 1)
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()

    def run(racer: OurBuyer) -> None:
        barrier.wait()
        status, body = racer.place_order(expect=tuple(range(200, 600)))
        with lock:
            outcomes[f"{status} {body['error']['code']}" if "error" in body else str(status)] += 1

    threads = [threading.Thread(target=run, args=(racer,)) for racer in racers]
    for thread in threads:
        thread.start()
    barrier.wait()
    started = time.monotonic()
    for thread in threads:
        thread.join(120)
    return time.monotonic() - started, outcomes
