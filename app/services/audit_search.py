"""Searching the audit log; there is nothing else to be done with it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.models import AdminLog
from app.services.accounts.people import span
from app.utils.errors import NotFound


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which entries; empty: all. since, until: days (UTC), both included."""

    actor: str = ""
    kind: str = ""
    subject_id: str = ""
    action: str = ""
    acting_as: str = ""
    since: date | None = None
    until: date | None = None


def search_log(wanted: LogFilter, *, size: int, skip: int, after: list[Any] | None) -> Any:
    """One page of entries, newest first. Raises InvalidValue (422), SearchUnavailable (503)."""
    query = AdminLog.elastic()
    named = {
        "actor_id": wanted.actor,
        "kind": wanted.kind,
        "subject_id": wanted.subject_id,
        "action": wanted.action,
        "acting_as": wanted.acting_as,
    }
    for column, value in named.items():
        if value:
            query = query.where(column, value)
    since, until = span(wanted.since, wanted.until)
    if since:
        query = query.where("at", ">=", since)
    if until:
        query = query.where("at", "<", until)
    return query.sort("at", "desc").take(size, skip).page(size, after)


def get_entry(entry_id: str) -> AdminLog:
    """The entry as it was written. Raises NotFound (404)."""
    entry = AdminLog.find(entry_id)
    if entry is None:
        raise NotFound("There is no such entry.")
    return entry
