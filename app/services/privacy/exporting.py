"""A copy of everything that is kept on a person: JSON and files in a zip, sealed, kept for some days."""

import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from app.env import Settings
from app.models.accounts import DataExport, User
from app.models.accounts.privacy import EXPIRED, FAILED, QUEUED, READY, RUNNING
from app.plugins import private_files
from app.plugins.apscheduler import Tally
from app.plugins.private_files import PrivateFileMissing
from app.services.accounts import telling
from app.services.batches import act_on_each
from app.services.privacy import claims
from app.services.privacy.claims import Clock, RunnerReplaced
from app.services.privacy.parts import Part, Subject, refresh, subject_of
from app.services.privacy.registry import PARTS
from app.utils.errors import ConcurrentChange, DomainError, NotFound, SearchUnavailable, StoreUnavailable
from app.utils.ids import new_id

log = logging.getLogger(__name__)

ARCHIVE = "data export"
JOB, EXPIRY_JOB = "run-exports", "remove-expired-exports"


class ExportRunning(DomainError):
    """One copy is being made already (409); details: its id."""

    code, status = "export_running", 409


class ExportNotReady(DomainError):
    """The copy is not ready yet, failed, or is no longer kept (409); details: status."""

    code, status = "export_not_ready", 409


def request_export(user_id: str, *, now: datetime) -> DataExport:
    """A copy is to be made; it takes the place of the one before. Raises ExportRunning (409)."""
    fresh: dict[str, Any] = {"id": new_id(), "status": QUEUED, "requested_at": now, "part_total": len(PARTS)}
    row, is_new = DataExport.create_if_absent(user_id=user_id, **fresh)
    if is_new:
        return row

    def decide(standing: DataExport) -> dict[str, Any]:
        if standing.status in (QUEUED, RUNNING):
            raise ExportRunning("A copy of your data is being made right now.", details={"id": standing.id})
        emptied = {"heartbeat_at": None, "part_done": 0, "finished_at": None, "expires_at": None}
        return {**fresh, **emptied, "runner": ""}

    return DataExport.change((user_id,), decide)


def list_exports(user_id: str) -> list[DataExport]:
    """The person's copy, ready or not; empty when they never asked for one: a new one takes the place of an older."""
    row = DataExport.find_serial(user_id)
    return [row] if row else []


def read_export(user_id: str, export_id: str) -> DataExport:
    """The person's own copy, as far as it is. Raises NotFound (404)."""
    row = DataExport.find_serial(user_id)
    if row is None or row.id != export_id:
        raise NotFound("There is no such copy.")
    return row


def read_archive(user_id: str, export_id: str, *, now: datetime, settings: Settings) -> bytes:
    """The zip. Raises NotFound (404), ExportNotReady (409)."""
    row = read_export(user_id, export_id)
    if row.status != READY or row.expires_at is None or row.expires_at <= now:
        status = EXPIRED if row.status == READY else row.status
        raise ExportNotReady("This copy is not ready, or no longer kept.", details={"status": status})
    try:
        return private_files.read(settings, ARCHIVE, row.file)
    except PrivateFileMissing:
        raise ExportNotReady("This copy is no longer kept.", details={"status": EXPIRED}) from None


def run_exports(now: datetime, *, settings: Settings, clock: Clock) -> Tally:
    """Every copy that waits, or whose runner died, is made. Raises SearchUnavailable (503)."""
    waiting = claims.find_work(DataExport, now)
    return act_on_each(waiting, lambda row: run_export(row.user_id, settings=settings, clock=clock), JOB)


def run_export(user_id: str, *, settings: Settings, clock: Clock, parts: Sequence[Part] = PARTS) -> DataExport | None:
    """The copy is ready and its person told; None when there is nothing to do for this runner.

    Raises SearchUnavailable, StoreUnavailable (503): another run goes on with it. A fault makes the copy fail.
    """
    row = claims.take_over(DataExport, user_id, clock())
    user = User.find(user_id) if row else None
    if row is None or user is None or not user.is_active:
        return None
    refresh()
    try:
        row = _make(row, subject_of(user, settings=settings, now=clock()), parts, clock)
    except (SearchUnavailable, StoreUnavailable, RunnerReplaced):
        raise
    except Exception:
        log.exception("export failed", extra={"row_id": row.id})
        failed = {"status": FAILED, "finished_at": clock()}
        DataExport.change((user_id,), lambda standing: failed if standing.runner == row.runner else None)
        raise
    assert row.expires_at is not None
    telling.export_ready(
        user.email, export_id=row.id, expires_at=row.expires_at, settings=settings, now=row.finished_at or clock()
    )
    return row


def remove_expired(now: datetime, *, settings: Settings) -> Tally:
    """The files of copies whose days are over are gone. Raises SearchUnavailable (503)."""
    query = DataExport.elastic("status", READY).where("expires_at", "<", now)
    return act_on_each(query.take(500).get(), lambda row: _expire(row, now, settings), EXPIRY_JOB)


def _make(row: DataExport, subject: Subject, parts: Sequence[Part], clock: Clock) -> DataExport:
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for number, part in enumerate(parts, 1):
            kept = part.export(subject)
            archive.writestr(f"{part.name}.json", json.dumps(kept.data, ensure_ascii=False, indent=1))
            for name, file in kept.files.items():
                archive.writestr(name, file)
            row = claims.note(row, part_done=number, part_total=len(parts), heartbeat_at=clock())
    folder = f"exports/{subject.id}"
    name = f"{folder}/{row.id}"
    private_files.put(subject.settings, ARCHIVE, name, content.getvalue())
    now = clock()
    ready = {"status": READY, "file": name, "file_bytes": content.tell(), "finished_at": now}
    try:
        row = claims.note(row, expires_at=now + timedelta(hours=subject.settings.export_keep_hours), **ready)
    except RunnerReplaced:
        private_files.remove(subject.settings, name)
        raise
    private_files.remove_others(subject.settings, folder, [name])
    return row


def _expire(row: DataExport, now: datetime, settings: Settings) -> None:
    if row.status != READY or row.expires_at is None or row.expires_at > now:
        return
    private_files.remove(settings, row.file)
    with suppress(ConcurrentChange):  # a new copy was asked for just now: then the row tells of that one
        row.update_if_unchanged(status=EXPIRED, file="")
