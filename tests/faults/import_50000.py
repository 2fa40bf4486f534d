"""A catalog file of 50,000 lines, imported in a process of its own; prints what it took and what the report says.

python -m tests.faults.import_50000 [ROWS]   (settings from the environment, stores made by db.py --sync --elastic)
"""

import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from app import commands
from app.env import load_settings
from app.models import ImportFault, ImportRun
from app.plugins.cassandra_cqlengine_elastic import relay
from app.services import stores
from app.services.catalog import categories, imports
from app.services.catalog.imports import ImportRequest
from app.services.stores import SellerProfile
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.catalog_file import WrittenFile, write_catalog

CATEGORIES = ("import-home", "import-music", "import-sports")
SHORT = {"created": 0, "updated": 0, "unchanged": 0, "refused": 0, "repeated": 0}


def import_file(seller: Any, path: Path, folder: Path) -> tuple[ImportRun, float]:
    """The finished run and the seconds it took, upload checks included."""
    begun = time.perf_counter()
    request = ImportRequest(new_id(), "product", seller, seller.owner_id, path.name, folder, 64 * 1024 * 1024)
    with path.open("rb") as stream:
        run = imports.start_import(request, stream, utc_now())
    run = imports.run_import(run.id)
    return run, time.perf_counter() - begun


def main(rows: int) -> int:
    """Import twice: everything is made, then nothing changes. Returns 1 when the report is not what was written."""
    commands.connect(load_settings())
    for position, slug in enumerate(CATEGORIES):
        categories.add_category(slug, slug.title(), position=position)
    profile = SellerProfile(name="Fifty Thousand Things", currency="EUR")
    seller = stores.open_store(profile, owner_id=new_id(), seller_id=new_id(), now=utc_now())
    with TemporaryDirectory() as folder:
        written = write_catalog(Path(folder) / "catalog.csv", rows, categories=CATEGORIES)
        megabytes = written.path.stat().st_size / 1e6
        before = _peak_mib()
        run, seconds = import_file(seller, written.path, Path(folder))
        after = _peak_mib()
        again, seconds_again = import_file(seller, written.path, Path(folder))
        drained = time.perf_counter()
        relay.drain(whole=True)
    click.echo(f"file: {rows} rows, {megabytes:.1f} MB")
    click.echo(f"first: {seconds:.1f} s, {rows / seconds:.0f} rows/s; peak memory {before:.0f} -> {after:.0f} MiB")
    click.echo(f"       {run.status} {run.counts}")
    click.echo(f"again: {seconds_again:.1f} s, {again.status} {again.counts}")
    click.echo(f"mirror drained in {time.perf_counter() - drained:.1f} s")
    found = Counter(fault.code for fault in ImportFault.objects(run_id=run.id).limit(None))
    click.echo(f"report: {dict(sorted(found.items()))}")
    wrong = differences(written, run, again, found)
    click.echo("\n".join(wrong) or "as written")
    return 1 if wrong else 0


def differences(written: WrittenFile, run: ImportRun, again: ImportRun, found: Counter[str]) -> list[str]:
    """Where the reports are not what the file holds."""
    good = written.rows - len(written.refused_rows)
    expected = {**written.refused, "repeated": written.repeated}
    first, second = SHORT | json.loads(run.counts), SHORT | json.loads(again.counts)
    checks = {
        "status": (run.status, again.status) == ("done", "done"),
        "rows": first["rows"] == written.rows,
        "refused": first["refused"] == len(written.refused_rows),
        "repeated": first["repeated"] == written.repeated,
        "report": {code: count for code, count in expected.items() if count} == dict(found),
        "created": first["created"] == len(written.skus),
        "every row": first["created"] + first["updated"] + first["unchanged"] <= good,
        "nothing made again": second["created"] == 0 and second["refused"] == first["refused"],
    }
    return [f"WRONG: {name}" for name, right in checks.items() if not right]


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000))
