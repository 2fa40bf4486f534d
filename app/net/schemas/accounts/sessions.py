"""A user's open logins on the wire."""

from typing import Self

from pydantic import Field

from app.models.accounts import UserSession
from app.net.schemas.common import Id, Instant, Out, PathIds
from app.services.accounts.acting import SHOWN_AS


class SessionPath(PathIds):
    session_id: Id


class SessionOut(Out):
    """One open login of the user."""

    id: str
    kind: str = Field(description="browser, mobile, or support: staff acting in the user's name.")
    device_name: str
    address: str
    started_at: Instant
    last_seen_at: Instant = Field(description="To ten minutes.")
    expires_at: Instant
    is_current: bool

    @classmethod
    def of(cls, session: UserSession, *, current_id: str) -> Self:
        return cls(
            id=session.id,
            kind=SHOWN_AS if session.acting_by else session.kind,
            device_name=session.device_name or "",
            address="" if session.acting_by else session.address or "",
            started_at=session.started_at,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
            is_current=session.id == current_id,
        )
