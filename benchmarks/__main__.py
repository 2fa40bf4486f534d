"""`python -m benchmarks [--quick] [--rows read_item,purchase] [--external]`: measure, then write table and chart.

A full run takes about half an hour, most of it filling a catalog of 1,000,000 items; `--quick` takes some minutes
with small catalogs and short turns, and its figures are only good for seeing that everything runs.
"""

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from .harness.load import LoadToolMissing
from .harness.place import Place, place
from .harness.report import Row, save
from .oscar.postgres import PostgresMissing
from .rows import growth, last_item, purchase, reads, rebuild, writes

GROUPS = {
    "reads": reads.measure,
    "writes": writes.measure,
    "rebuild": rebuild.measure,
    "purchase": purchase.measure,
    "last_item": last_item.measure,
    "growth": growth.measure,
}


def main() -> int:
    asked = _arguments()
    chosen = [name.strip() for name in asked.rows.split(",")] if asked.rows else list(GROUPS)
    if unknown := set(chosen) - set(GROUPS):
        print(f"There are no rows {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}.", file=sys.stderr)
        return 2
    external = asked.external or os.environ.get("TEST_ENGINES") == "external"
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder, place(Path(folder), asked.quick, external) as here:
            missed = [row for name in chosen for row in _measured(name, here, asked.quick) if row.held is False]
    except (LoadToolMissing, PostgresMissing) as fault:
        print(fault, file=sys.stderr)
        return 1
    for row in missed:
        print(f"Falls short: {row.title} ({row.figures.get('ratio')})")
    return 1 if missed and asked.strict else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small catalogs and short turns")
    parser.add_argument("--rows", default="", help=f"some of: {', '.join(GROUPS)}")
    parser.add_argument("--external", action="store_true", help="use the engines that the environment names")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a row falls short")
    return parser.parse_args()


def _measured(name: str, here: Place, quick: bool) -> list[Row]:
    """One group's rows, saved at once, so that a later fault costs only what comes after it."""
    print(f"{name}:", flush=True)
    started = time.monotonic()
    rows = GROUPS[name](here)
    if not quick:
        save(rows, quick, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), here.versions)
    for row in rows:
        figures = row.figures
        said = f"{figures['ratio']} ({figures['ratio_low']} to {figures['ratio_high']})" if "ratio" in figures else ""
        print(f"  {row.title}: {said or figures['measured']}", flush=True)
        for note in row.notes:
            print(f"    {note}", flush=True)
    print(f"  {time.monotonic() - started:.0f} s", flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())
