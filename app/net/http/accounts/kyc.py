"""The identity check: the person's side and the reviewers'."""

from flask import Response

from app.net.answers import created, created_answer, list_answer, listed, one, one_answer
from app.net.http.accounts.blueprints import admin_kyc, auth
from app.net.http.accounts.logins import current_settings
from app.net.middlewares.access import (
    current_actor,
    current_user,
    in_person_required,
    login_required,
    permission_required,
)
from app.net.middlewares.limits import at_most
from app.net.pages import after_of, next_of
from app.net.schemas.accounts.kyc import (
    KycCaseOut,
    KycCasePath,
    KycCasesQuery,
    KycForm,
    KycImagePath,
    KycRejectIn,
    KycSidePath,
    KycStatusOut,
)
from app.plugins.uploads import PICTURE_MAX_BYTES
from app.services.accounts import kyc
from app.utils.clock import utc_now

REVIEW = "users.kyc.review"
_FORM_BYTES = 2 * PICTURE_MAX_BYTES + 64 * 1024


@auth.post("/kyc", answers=created_answer(KycStatusOut), errors=(409,), max_bytes=_FORM_BYTES)
@at_most(10)
@in_person_required
def submit_kyc(form: KycForm) -> Response:
    """Send a document to be checked; again only after one was rejected. Its pictures are stored sealed."""
    return created(_submitted(form), location="/api/auth/kyc-status")


@auth.patch("/kyc", answers=one_answer(KycStatusOut), errors=(409,), max_bytes=_FORM_BYTES)
@at_most(10)
@in_person_required
def resubmit_kyc(form: KycForm) -> Response:
    """The same as POST."""
    return one(_submitted(form))


@auth.get("/kyc-status", answers=one_answer(KycStatusOut))
@login_required
def read_kyc_status() -> Response:
    """How far my identity check is."""
    return one(KycStatusOut.of(kyc.find_case(current_user.id)))


@auth.get("/kyc/images/<side>", answers={200: None})
@in_person_required
def read_kyc_image(path: KycSidePath) -> Response:
    """One side of my own document."""
    return _picture(kyc.read_image(current_user.id, path.side, settings=current_settings()))


@admin_kyc.get("", answers=list_answer(KycCaseOut))
@permission_required(REVIEW)
def list_kyc_cases(query: KycCasesQuery) -> Response:
    """Identity checks, those that wait longest first."""
    page = kyc.page_of_cases(query.status, size=query.size, after=after_of(query))
    people = kyc.people_of([document["user_id"] for document in page.documents])
    shown = [KycCaseOut.of_document(document, people.get(document["user_id"])) for document in page.documents]
    return listed(shown, size=query.size, total=page.total, next=next_of(query, page.next))


@admin_kyc.get("/<user_id>", answers=one_answer(KycStatusOut))
@permission_required(REVIEW)
def read_kyc_case(path: KycCasePath) -> Response:
    """One person's identity check."""
    return one(KycStatusOut.of(kyc.read_case(path.user_id)))


@admin_kyc.get("/<user_id>/images/<side>", answers={200: None})
@permission_required(REVIEW)
def review_kyc_image(path: KycImagePath) -> Response:
    """One side of the document. Looking leaves an entry in the audit log."""
    image = kyc.review_image(path.user_id, path.side, current_actor(), now=utc_now(), settings=current_settings())
    return _picture(image)


@admin_kyc.post("/<user_id>/approve", answers=one_answer(KycStatusOut), errors=(409,))
@permission_required(REVIEW)
def approve_kyc(path: KycCasePath) -> Response:
    """The document shows who the person says to be. Nobody decides about their own."""
    return one(KycStatusOut.of(kyc.approve(path.user_id, current_actor(), now=utc_now())))


@admin_kyc.post("/<user_id>/reject", answers=one_answer(KycStatusOut), errors=(409,))
@permission_required(REVIEW)
def reject_kyc(path: KycCasePath, body: KycRejectIn) -> Response:
    """The document is not accepted; the person reads why and may send another."""
    return one(KycStatusOut.of(kyc.reject(path.user_id, body.reason, current_actor(), now=utc_now())))


def _submitted(form: KycForm) -> KycStatusOut:
    submission = form.submission()
    return KycStatusOut.of(kyc.submit(current_user.id, submission, now=utc_now(), settings=current_settings()))


def _picture(image: bytes) -> Response:
    answer = Response(image, mimetype=kyc.IMAGE_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    return answer
