"""What catalog imports read and answer."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, WithJsonSchema
from werkzeug.datastructures import FileStorage

from app.net.schemas.common import Form, Id, Instant, Out, PathIds, Query

Kind = Literal["course", "product"]
Upload = Annotated[FileStorage, WithJsonSchema({"type": "string", "format": "binary"})]


class ImportForm(Form):
    """A CSV file in UTF-8 and what its rows are."""

    file: Upload
    kind: Kind
    seller_id: Id | None = Field(None, description="Needed only by those who have several.")
    dry_run: bool = Field(False, description="Only find out what would happen.")


class ImportPath(PathIds):
    run_id: Id


class TemplateQuery(Query):
    kind: Kind


class ImportOut(Out):
    """One import. counts: rows, created, updated, unchanged, refused, repeated."""

    id: str
    kind: str
    seller_id: str
    file_name: str
    dry_run: bool
    status: str
    done: int
    total: int
    counts: dict[str, int]
    failure: str | None
    created_at: Instant
    finished_at: Instant | None

    @classmethod
    def of(cls, run: Any) -> Self:
        counts = json.loads(run.counts)
        return cls(
            id=run.id,
            kind=run.kind,
            seller_id=run.seller_id,
            file_name=run.file_name,
            dry_run=run.is_dry_run,
            status=run.status,
            done=counts.get("rows", 0),
            total=run.row_total,
            counts=counts,
            failure=run.failure,
            created_at=run.created_at,
            finished_at=run.finished_at,
        )


class ImportSummary(Out):
    """One import as lists show it."""

    id: str
    kind: str
    seller_id: str
    file_name: str
    dry_run: bool
    status: str
    total: int
    created_at: Instant
    finished_at: Instant | None

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Self:
        return cls(
            id=document["id"],
            kind=document["kind"],
            seller_id=document["seller_id"],
            file_name=document["file_name"],
            dry_run=document["is_dry_run"],
            status=document["status"],
            total=document["row_total"],
            created_at=document["created_at"],
            finished_at=document.get("finished_at"),
        )


class FaultOut(Out):
    """A refused line or a warning. row: as a spreadsheet counts, the header is 1; line: in the text file."""

    row: int
    line: int
    column: str
    code: str
    message: str
    warning: bool

    @classmethod
    def of(cls, fault: Any) -> Self:
        return cls(
            row=fault.row,
            line=fault.line,
            column=fault.column,
            code=fault.code,
            message=fault.message,
            warning=fault.is_warning,
        )
