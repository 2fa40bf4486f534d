"""Import runs: opened with a checked file, listed, and reported on."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, ClassVar

from app.models import ImportFault, ImportRun, Seller
from app.services import names, stores
from app.services.accounts.rights import Person, ensure_may
from app.services.catalog.imports import reading, rows
from app.services.catalog.items import SELLER_OF
from app.utils.errors import DomainError, InvalidValue, NotFound

IMPORT = "catalog.import"
FINISHED = ("done", "failed")
_BLOCK_BYTES = 1 << 16


class ImportRunning(DomainError):
    """The very same file is being imported for this seller right now (409); details: run_id."""

    code: ClassVar[str] = "import_running"
    status: ClassVar[int] = 409


@dataclass(frozen=True)
class ImportRequest:
    """A file somebody wants imported. folder: where it is kept; bytes_max: how long it may be."""

    run_id: str
    kind: str
    seller: Seller
    by: str
    file_name: str
    folder: Path
    bytes_max: int
    is_dry_run: bool = False


def start_import(request: ImportRequest, stream: IO[bytes], now: datetime) -> ImportRun:
    """The file is stored, found to be a table in UTF-8 with the columns needed, and a run of it is queued.

    Raises InvalidValue (too long, or nothing in it), WrongEncoding, Unreadable, ColumnMissing (422),
    ImportRunning (409). Nothing is kept of a refused file.
    """
    path = request.folder / f"{request.run_id}.csv"
    try:
        size, fingerprint = _keep(stream, path, request.bytes_max)
        reading.ensure_utf8(path)
        reading.read_header(path, rows.COLUMNS[request.kind], rows.REQUIRED[request.kind])
        lines = reading.count_lines(path)
        _claim_file(request, fingerprint, now)
    except DomainError:
        path.unlink(missing_ok=True)
        raise
    run, _ = ImportRun.create_if_absent(
        id=request.run_id,
        seller_kind=SELLER_OF[request.kind],
        seller_id=request.seller.id,
        started_by=request.by,
        kind=request.kind,
        is_dry_run=request.is_dry_run,
        file_name=Path(request.file_name).name[:200] or "catalog.csv",
        file_path=str(path),
        file_bytes=size,
        fingerprint=fingerprint,
        heartbeat_at=now,
        row_total=lines,
    )
    return run


def claim_name(seller_id: str, fingerprint: str) -> str:
    """The name that only one run of a file at a time may have."""
    return f"import:{seller_id}:{fingerprint}"


def read_run(run_id: str, person: Person) -> ImportRun:
    """The run, if the person may import for its seller.

    Raises NotFound (404) for another's, Forbidden (403) when only this right is missing there.
    """
    run = ImportRun.find(run_id)
    seller = stores.SELLER_KINDS[run.seller_kind].find(run.seller_id) if run is not None else None
    if run is None or seller is None:
        raise NotFound("There is no such import.")
    ensure_may(person, IMPORT, seller, what="import")
    return run


def list_runs(person: Person, *, size: int, after: list[Any] | None) -> Any:
    """One page of the imports of the person's sellers, newest first. Raises SearchUnavailable (503)."""
    own = [seller.id for seller in stores.sellers_of(person, IMPORT)]
    return ImportRun.elastic("seller_id", "in", own).sort("created_at", "desc").page(size, after)


def list_faults(
    run: ImportRun, *, size: int, after: Sequence[Any] | None
) -> tuple[list[ImportFault], list[Any] | None]:
    """One page of refused lines and warnings in the file's order, and where the next page begins."""
    found = ImportFault.objects(run_id=run.id)
    if after:
        found = found.filter(row__gte=after[0])
    passed = tuple(after) if after else ()
    page = [fault for fault in found.limit(size + 1 + _SAME_ROW_MAX) if (fault.row, fault.column, fault.code) > passed]
    following = [page[size - 1].row, page[size - 1].column, page[size - 1].code] if len(page) > size else None
    return page[:size], following


_SAME_ROW_MAX = 40


def template(kind: str) -> str:
    """An example file: the columns and one line that would be taken. Raises NotFound (404) for another kind."""
    if kind not in _EXAMPLES:
        raise NotFound("There is no such kind of import.")
    return ",".join(rows.COLUMNS[kind]) + "\n" + _EXAMPLES[kind] + "\n"


_EXAMPLES = {
    "product": 'SHOE-38,"Salsa shoes, size 38",59.90,,"Suede sole, 6 cm heel",Dancewell,,12,79.90,,,draft',
    "course": 'salsa-for-beginners,"Salsa for Beginners",120.00,,"Eight evenings",,beginner,16,,draft',
}


def _keep(stream: IO[bytes], path: Path, bytes_max: int) -> tuple[int, str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        while block := stream.read(_BLOCK_BYTES):
            size += len(block)
            if size > bytes_max:
                fault = f"is larger than {bytes_max // (1024 * 1024)} MiB"
                raise InvalidValue("The file is too large.", fields={"file": [fault]})
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    if not size:
        raise InvalidValue("The file is empty.", fields={"file": ["is empty"]})
    return size, digest.hexdigest()


def _claim_file(request: ImportRequest, fingerprint: str, now: datetime) -> None:
    name = claim_name(request.seller.id, fingerprint)
    if names.claim(name, request.run_id, ImportRun, now):
        return
    other = names.holder(name)
    standing = ImportRun.find(other) if other else None
    if other and standing is not None and standing.status in FINISHED:
        names.release(name, other)
        if names.claim(name, request.run_id, ImportRun, now):
            return
    raise ImportRunning("This very file is being imported right now.", details={"run_id": other})
