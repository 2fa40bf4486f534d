"""Consents, copies of one's data, and the end of an account on the wire."""

from typing import Literal, Self

from pydantic import Field

from app.models.accounts import Consent, DataExport
from app.net.schemas.accounts.fields import Password
from app.net.schemas.common import Body, Id, Instant, Out, PathIds
from app.services.accounts.consents import TermsVersion

Kind = Literal["terms", "privacy", "marketing"]


class TermsOut(Out):
    """A text in force. url: where it is read."""

    kind: str
    version: str
    published_at: Instant
    url: str
    must_accept: bool

    @classmethod
    def of(cls, version: TermsVersion) -> Self:
        return cls(**{name: getattr(version, name) for name in cls.model_fields})


class ConsentIn(Body):
    """An answer to a text: agreed false takes an earlier one back."""

    kind: Kind
    version: str = Field(max_length=40)
    agreed: bool


class ConsentOut(Out):
    """One answer. how: sign_up or account."""

    id: str
    kind: str
    version: str
    agreed: bool
    at: Instant
    address: str
    how: str

    @classmethod
    def of(cls, row: Consent) -> Self:
        return cls(
            id=row.id,
            kind=row.kind,
            version=row.version,
            agreed=bool(row.is_given),
            at=row.at,
            address=row.address or "",
            how=row.how,
        )


class ExportPath(PathIds):
    export_id: Id


class ExportOut(Out):
    """A copy of one's data. done of total: domains that are in it."""

    id: str
    status: Literal["queued", "running", "ready", "failed", "expired"]
    done: int
    total: int
    size_bytes: int
    requested_at: Instant
    finished_at: Instant | None
    expires_at: Instant | None

    @classmethod
    def of(cls, row: DataExport) -> Self:
        return cls(
            id=row.id,
            status=row.status,
            done=row.part_done,
            total=row.part_total,
            size_bytes=row.file_bytes,
            requested_at=row.requested_at,
            finished_at=row.finished_at,
            expires_at=row.expires_at,
        )


class AccountDeletionIn(Body):
    """The user's own password, unless a password or code was given a moment ago."""

    password: Password = ""
