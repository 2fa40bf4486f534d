"""The identity check on the wire."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from app.models.accounts import KycCase, User
from app.net.schemas.common import Body, Form, Id, Instant, Out, PageQuery, PathIds, Upload
from app.services.accounts import kyc
from app.services.accounts.kyc import Submission

DocumentType = Literal["passport", "id_card", "driving_licence", "residence_permit"]
Side = Literal["front", "back"]


class KycForm(Form):
    """A document. Pictures: JPEG, PNG or WebP, 5 MiB each at most; a passport has no back."""

    document_type: DocumentType
    number: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./-]{4,38}$", repr=False)]
    front_image: Upload
    back_image: Upload | None = None

    def submission(self) -> Submission:
        back = self.back_image.stream.read() if self.back_image else b""
        return Submission(self.document_type, self.number, self.front_image.stream.read(), back)


class KycSidePath(PathIds):
    side: Side


class KycCasePath(PathIds):
    user_id: Id


class KycImagePath(KycCasePath):
    side: Side


class KycStatusOut(Out):
    """How far the identity check is."""

    status: str = Field(json_schema_extra={"enum": [kyc.NO_CASE, *kyc.STATUSES]})
    document_type: str | None
    number_tail: str | None = Field(description="The last four signs of the number.")
    has_back: bool
    reason: str
    submitted_at: Instant | None
    decided_at: Instant | None

    @classmethod
    def of(cls, case: KycCase | None) -> Self:
        return cls(
            status=case.status if case else kyc.NO_CASE,
            document_type=case.document_type if case else None,
            number_tail=case.number_tail if case else None,
            has_back=bool(case and case.back),
            reason=(case.reason or "") if case else "",
            submitted_at=case.submitted_at if case else None,
            decided_at=case.decided_at if case else None,
        )


class KycCasesQuery(PageQuery):
    status: Literal["pending", "approved", "rejected"] | None = None


class KycCaseOut(Out):
    """A case as staff see it in a list."""

    user_id: str
    name: str
    status: str
    document_type: str
    round: int = Field(description="How often a document was sent.")
    submitted_at: Instant
    decided_at: Instant | None
    decided_by: str

    @classmethod
    def of_document(cls, document: Mapping[str, Any], user: User | None) -> Self:
        return cls(
            user_id=document["user_id"],
            name=user.full_name if user else "",
            status=document["status"],
            document_type=document["document_type"],
            round=document["round"],
            submitted_at=document["submitted_at"],
            decided_at=document.get("decided_at"),
            decided_by=document.get("decided_by", ""),
        )


class KycRejectIn(Body):
    """Why the document is not accepted; the person reads it."""

    reason: str = Field(min_length=5, max_length=500)
