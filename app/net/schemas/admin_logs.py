"""The audit log on the wire."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from pydantic import Field

from app.models import AdminLog
from app.net.schemas.common import Id, Instant, Out, PathIds, TablePageQuery
from app.services.audit_search import LogFilter

_COLUMNS = ("id", "at", "actor_id", "acting_as", "action", "kind", "subject_id", "reason", "address", "request_id")


class LogPath(PathIds):
    log_id: Id


class LogsQuery(TablePageQuery):
    """Which entries."""

    actor: str = Field("", max_length=64, description="Id of who did it.")
    acting_as: str = Field("", max_length=64, description="Id of the user in whose name it was done.")
    kind: str = Field("", max_length=64, description="Kind of what it was done to, such as user or role.")
    subject_id: str = Field("", alias="id", max_length=64, description="Id of what it was done to.")
    action: str = Field("", max_length=100, description="Such as users.user.ban.")
    since: date | None = Field(None, alias="from", description="First day (UTC).")
    until: date | None = Field(None, alias="to", description="Last day (UTC).")

    def filter(self) -> LogFilter:
        return LogFilter(
            actor=self.actor,
            kind=self.kind,
            subject_id=self.subject_id,
            action=self.action,
            acting_as=self.acting_as,
            since=self.since,
            until=self.until,
        )


class LogOut(Out):
    """One thing that was done with a right over others."""

    id: str
    at: Instant
    actor_id: str
    acting_as: str = Field(description="The user in whose name it was done; empty when in the actor's own.")
    action: str
    kind: str
    subject_id: str
    before: dict[str, Any] = Field(description="Changed values as they were; personal ones are only said to differ.")
    after: dict[str, Any]
    reason: str
    address: str
    request_id: str

    @classmethod
    def of(cls, entry: AdminLog) -> Self:
        return cls.of_document({name: getattr(entry, name) for name in (*_COLUMNS, "before", "after")})

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Self:
        values: dict[str, Any] = {name: document.get(name) or "" for name in _COLUMNS}
        return cls(
            **values,
            before=json.loads(document.get("before") or "{}"),
            after=json.loads(document.get("after") or "{}"),
        )
