"""Runs an import to its end, from wherever an earlier runner stopped."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import structlog

from app.models import ImportFault, ImportRun
from app.plugins.socketio import announce
from app.services import names, stores
from app.services.catalog import categories
from app.services.catalog.imports import reading, rows
from app.services.catalog.imports.rows import Context, Fault, Plan
from app.services.catalog.imports.runs import FINISHED, claim_name
from app.services.catalog.imports.storing import THREADS, Batch, store_plans
from app.utils.clock import utc_now
from app.utils.errors import ConcurrentChange, DomainError, NotFound, StoreUnavailable
from app.utils.ids import new_id
from app.utils.instants import instant_text
from app.utils.shared import load_shared

log = structlog.get_logger(__name__)

BATCH_ROWS = 500
COUNTED = ("rows", "created", "updated", "unchanged", "refused", "repeated", "faults")
ROWS_MAX: int = load_shared("limits")["import_rows_max"]
ABANDONED_AFTER = timedelta(seconds=60)
Clock = Callable[[], datetime]


class RunnerReplaced(ConcurrentChange):
    """Another runner works on this import now (409)."""


@dataclass
class _Progress:
    """What is known behind one row. seen: SKU or slug → the row that had it."""

    row: int = 1
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    plans: dict[str, Plan] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)


def run_in_background(run_id: str) -> None:
    """The run goes on in a thread of this process; when the process dies, `resume_imports` takes over."""
    Thread(target=_run_and_log, args=(run_id,), name=f"import-{run_id}", daemon=True).start()


def resume_imports(fence: object, now: datetime) -> int:
    """Every import whose runner has been silent for a minute goes on in this process; returns how many.

    Raises SearchUnavailable (503).
    """
    silent_since = instant_text(now - ABANDONED_AFTER)
    found = ImportRun.elastic("status", "in", ["queued", "running"]).where("heartbeat_at", "<", silent_since)
    abandoned = [run for run in found.take(20).get() if _is_abandoned(run, now)]
    for run in abandoned:
        run_in_background(run.id)
    return len(abandoned)


def run_import(run_id: str, clock: Clock = utc_now) -> ImportRun:
    """The run is finished: every good row is stored and every other one reported. A finished run is left as it is.

    Raises RunnerReplaced (409) when another runner has it, StoreUnavailable (503): the run stays resumable.
    """
    run = _take_over(run_id, clock)
    if run.status in FINISHED:
        return run
    try:
        run = _read_to_end(run, clock)
    except StoreUnavailable:
        raise
    except (DomainError, OSError) as fault:
        run = _finish(run, "failed", clock, failure=getattr(fault, "message", "The uploaded file is gone."))
    else:
        run = _finish(run, "done", clock)
    Path(run.file_path).unlink(missing_ok=True)
    return run


def _run_and_log(run_id: str) -> None:
    try:
        run = run_import(run_id)
        log.info("import finished", run_id=run_id, status=run.status, counts=run.counts)
    except DomainError as refusal:
        log.warning("import stopped", run_id=run_id, code=refusal.code)
    except Exception:
        log.exception("import failed", run_id=run_id)
        ImportRun.change((run_id,), lambda run: {"status": "failed", "failure": "Something went wrong on our side."})


def _is_abandoned(run: ImportRun, now: datetime) -> bool:
    return run.status not in FINISHED and (run.heartbeat_at is None or run.heartbeat_at < now - ABANDONED_AFTER)


def _take_over(run_id: str, clock: Clock) -> ImportRun:
    runner = new_id()

    def decide(run: ImportRun) -> dict | None:
        if run.status in FINISHED:
            return None
        if run.status == "running" and not _is_abandoned(run, clock()):
            raise RunnerReplaced("This import is being worked on.")
        return {"status": "running", "runner": runner, "heartbeat_at": clock()}

    return ImportRun.change((run_id,), decide)


def _read_to_end(run: ImportRun, clock: Clock) -> ImportRun:
    path = Path(run.file_path)
    header = reading.read_header(path, rows.COLUMNS[run.kind], rows.REQUIRED[run.kind])
    seller = stores.SELLER_KINDS[run.seller_kind].find(run.seller_id)
    if seller is None:
        raise NotFound(f"The {run.seller_kind} is gone.")
    context = Context(run.kind, seller.currency, categories.paths_by_slug())
    progress = _Progress(counts=Counter(json.loads(run.counts)))
    with ThreadPoolExecutor(THREADS, thread_name_prefix="import") as pool:
        for rows_read in _batches(path, header, context, progress, first_row=run.row_done + 1):
            batch = Batch(run, seller, context.paths, pool)
            counts, faults = store_plans(batch, list(progress.plans.values()), clock())
            progress.counts += counts
            progress.counts["faults"] += _report(run, [*progress.faults, *faults])
            progress.counts["rows"] += rows_read
            progress.counts["refused"] += len({f.row for f in progress.faults if not f.is_warning})
            progress.plans, progress.faults = {}, []
            run = _checkpoint(run, progress, clock)
    return run


def _batches(
    path: Path, header: reading.Header, context: Context, progress: _Progress, *, first_row: int
) -> Iterator[int]:
    """Fill `progress` with the plans and faults of the next rows and give how many rows they are.

    Rows before `first_row` are only remembered by their names, for telling repeated ones.
    """
    waiting = 0
    for number, raw in enumerate(reading.read_rows(path, header)):
        if number >= ROWS_MAX:
            message = f"and all behind it were not read: a file may have {ROWS_MAX} rows"
            progress.faults.append(Fault(raw.row, raw.line, "", "too_many_rows", message))
            break
        plan, faults = rows.plan_row(raw, context)
        if raw.row >= first_row:
            progress.faults += faults
            waiting += 1
        if plan is not None:
            _add_plan(progress, plan, context, is_new=raw.row >= first_row)
        progress.row = raw.row
        if waiting >= BATCH_ROWS:
            yield waiting
            waiting = 0
    if waiting or progress.faults:
        yield waiting


def _add_plan(progress: _Progress, plan: Plan, context: Context, *, is_new: bool) -> None:
    earlier = progress.seen.get(plan.name)
    progress.seen[plan.name] = plan.row
    if not is_new:
        return
    if earlier is not None:
        column = "sku" if context.kind == "product" else "slug"
        message = f"“{plan.name}” was on row {earlier} already; this later row was taken"
        progress.faults.append(Fault(plan.row, plan.line, column, "repeated", message, is_warning=True))
        progress.counts["repeated"] += 1
    progress.plans[plan.name] = plan


def _report(run: ImportRun, faults: list[Fault]) -> int:
    """The faults can be read; returns how many they are."""
    ImportFault.create_many(
        {
            "run_id": run.id,
            "row": fault.row,
            "column": fault.column,
            "code": fault.code,
            "line": fault.line,
            "message": fault.message,
            "is_warning": fault.is_warning,
        }
        for fault in faults
    )
    return len({(fault.row, fault.column, fault.code) for fault in faults})


def _checkpoint(run: ImportRun, progress: _Progress, clock: Clock) -> ImportRun:
    """Everything up to this row is stored. Raises RunnerReplaced (409) when another runner has taken the run."""
    try:
        run = run.update_if_unchanged(
            row_done=progress.row,
            counts=json.dumps({name: progress.counts[name] for name in COUNTED}),
            heartbeat_at=clock(),
        )
    except ConcurrentChange:
        raise RunnerReplaced("Another runner works on this import now.") from None
    _announce(run, clock())
    return run


def _finish(run: ImportRun, status: str, clock: Clock, failure: str | None = None) -> ImportRun:
    changes: dict[str, Any] = {"status": status, "finished_at": clock(), "heartbeat_at": clock()}
    if failure:
        changes["failure"] = failure
    if status == "done":
        changes["row_total"] = json.loads(run.counts).get("rows", 0)
    run = run.update_if_unchanged(**changes)
    names.release(claim_name(run.seller_id, run.fingerprint), run.id)
    _announce(run, clock())
    return run


def _announce(run: ImportRun, now: datetime) -> None:
    counts = json.loads(run.counts)
    payload = {
        "id": run.id,
        "at": instant_text(now),
        "status": run.status,
        "done": counts.get("rows", 0),
        "total": run.row_total,
        "counts": counts,
    }
    announce("/seller", run.seller_id, "upload_progress", payload)
