"""The identity check: a document comes in sealed, staff decide once, and nobody decides about themselves."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.env import Settings
from app.models.accounts import KycCase, User
from app.plugins import private_files, uploads, vault
from app.plugins.private_files import PrivateFileMissing
from app.services import audit
from app.services.accounts import milestones, telling
from app.services.audit import Actor, Deed
from app.utils.errors import DomainError, InvalidValue, NotFound
from app.utils.ids import new_id
from app.utils.security_log import note

PENDING, APPROVED, REJECTED = "pending", "approved", "rejected"
STATUSES = (PENDING, APPROVED, REJECTED)
NO_CASE = "none"
DOCUMENT_TYPES = ("passport", "id_card", "driving_licence", "residence_permit")
ONE_SIDED = frozenset({"passport"})
SIDES = ("front", "back")
IMAGE_TYPE = "image/webp"
NUMBER, IMAGE = "kyc number", "kyc image"
_SPARED_SECONDS = 3600
"""A file so young may belong to a submission that has not written its row yet."""


class KycState(DomainError):
    """The case is in a state from which this cannot happen (409); details: status."""

    code, status = "kyc_state", 409


class OwnCase(DomainError):
    """Nobody reviews their own documents (403)."""

    code, status = "own_case", 403


@dataclass(frozen=True, slots=True)
class Submission:
    """A document as it was sent. back: empty for a document of one side."""

    document_type: str
    number: str = field(repr=False)
    front: bytes = field(repr=False)
    back: bytes = field(default=b"", repr=False)


def folder_of(user_id: str) -> str:
    """Where a person's sealed documents lie."""
    return f"kyc/{user_id}"


def submit(user_id: str, submission: Submission, *, now: datetime, settings: Settings) -> KycCase:
    """The document waits for review, its pictures and number sealed. Raises KycState (409) unless it is the first or
    the last one was rejected, UploadRefused (415), UploadTooBig (413), InvalidValue (422)."""
    if not submission.back and submission.document_type not in ONE_SIDED:
        raise InvalidValue("Both sides are needed.", fields={"back_image": ["is required for this document"]})
    standing = KycCase.find_serial(user_id)
    _ensure_open(standing)
    pictures = {side: uploads.private_picture(settings, content) for side, content in _sides(submission).items()}
    names = {side: f"{folder_of(user_id)}/{new_id()}" for side in pictures}
    for side, picture in pictures.items():
        private_files.put(settings, IMAGE, names[side], picture)
    try:
        case = _write(user_id, _values(submission, names, now, settings))
    except DomainError:
        for name in names.values():
            private_files.remove(settings, name)
        raise
    for name in filter(None, (standing.front, standing.back) if standing else ()):
        private_files.remove(settings, name)
    private_files.remove_others(settings, folder_of(user_id), names.values(), older_than_seconds=_SPARED_SECONDS)
    note("identity.sent", user=user_id, document=submission.document_type)
    return case


def read_case(user_id: str) -> KycCase:
    """The person's case. Raises NotFound (404) when nothing was sent."""
    case = KycCase.find_serial(user_id)
    if case is None:
        raise NotFound("There is no such case.")
    return case


def find_case(user_id: str) -> KycCase | None:
    """The person's case, or None."""
    return KycCase.find(user_id)


def read_image(user_id: str, side: str, *, settings: Settings) -> bytes:
    """One side of the person's own document as IMAGE_TYPE. Raises NotFound (404)."""
    case = read_case(user_id)
    name = getattr(case, side) if side in SIDES else ""
    try:
        return private_files.read(settings, IMAGE, name) if name else _none()
    except PrivateFileMissing:
        return _none()


def review_image(user_id: str, side: str, by: Actor, *, now: datetime, settings: Settings) -> bytes:
    """The same for staff; that they looked is in the audit log before they see it. Raises NotFound (404)."""
    image = read_image(user_id, side, settings=settings)
    audit.record(Deed("users.kyc.look", "kyc", user_id, after={"side": side}), by, now=now)
    return image


def number_of(case: KycCase, *, settings: Settings) -> str:
    """The document's number, for its person's export only."""
    return vault.unseal(settings, NUMBER, case.number_sealed.encode()).decode()


def page_of_cases(status: str | None, *, size: int, after: list[Any] | None) -> Any:
    """One page of cases, those that wait longest first. Raises SearchUnavailable (503)."""
    query = KycCase.elastic("status", "in", [status] if status else list(STATUSES))
    return query.sort("submitted_at", "asc").sort("user_id", "asc").page(size, after=after)


def people_of(user_ids: list[str]) -> dict[str, User]:
    """The users of these ids, for a page that names them."""
    return {user.id: user for user in User.find_many(user_ids)}


def approve(user_id: str, by: Actor, *, now: datetime) -> KycCase:
    """The identity is approved. Raises NotFound (404), OwnCase (403), KycState (409)."""
    case = _decide(user_id, APPROVED, "", by, now)
    milestones.note_identity(user_id, now=now)
    return case


def reject(user_id: str, reason: str, by: Actor, *, now: datetime) -> KycCase:
    """The document is rejected for this reason, which the person reads. Raises as `approve`."""
    return _decide(user_id, REJECTED, reason, by, now)


def _decide(user_id: str, status: str, reason: str, by: Actor, now: datetime) -> KycCase:
    if user_id in (by.user_id, by.acting_as):
        raise OwnCase("Nobody reviews their own documents.")

    def decide(case: KycCase) -> dict[str, Any]:
        if case.status != PENDING:
            raise KycState("This has been decided already.", details={"status": case.status})
        return {"status": status, "reason": reason, "decided_at": now, "decided_by": by.user_id}

    case = KycCase.change((user_id,), decide)
    deed = Deed(f"users.kyc.{_VERBS[status]}", "kyc", user_id, {"status": PENDING}, {"status": status}, reason)
    audit.record(deed, by, now=now)
    note("identity.decided", user=user_id, decision=status, by=by.user_id)
    if user := User.find(user_id):
        case_id = f"{user_id}/{case.round}"
        telling.identity_decided(user.email, case_id=case_id, is_approved=status == APPROVED, reason=reason, now=now)
    return case


_VERBS = {APPROVED: "approve", REJECTED: "reject"}


def _ensure_open(case: KycCase | None) -> None:
    if case is not None and case.status != REJECTED:
        raise KycState(f"Your document is {case.status}.", details={"status": case.status})


def _sides(submission: Submission) -> dict[str, bytes]:
    sides = {"front": submission.front, "back": submission.back}
    return {side: content for side, content in sides.items() if content or side == "front"}


def _values(submission: Submission, names: dict[str, str], now: datetime, settings: Settings) -> dict[str, Any]:
    return {
        "status": PENDING,
        "document_type": submission.document_type,
        "number_sealed": vault.seal(settings, NUMBER, submission.number.encode()).decode(),
        "number_tail": submission.number[-4:],
        "front": names["front"],
        "back": names.get("back", ""),
        "submitted_at": now,
        "decided_at": None,
        "decided_by": "",
        "reason": "",
    }


def _write(user_id: str, values: dict[str, Any]) -> KycCase:
    case, is_new = KycCase.create_if_absent(user_id=user_id, **values)
    if is_new:
        return case

    def decide(standing: KycCase) -> dict[str, Any]:
        _ensure_open(standing)
        return values | {"round": standing.round + 1}

    return KycCase.change((user_id,), decide)


def _none() -> bytes:
    raise NotFound("There is no such picture.")
