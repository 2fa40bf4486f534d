"""Consents, copies of one's data, and the end of an account."""

from flask import Response, request

from app.net.answers import (
    accepted,
    accepted_answer,
    created,
    created_answer,
    list_answer,
    listed,
    no_content,
    no_content_answer,
    one,
    one_answer,
)
from app.net.http.accounts.blueprints import auth, user
from app.net.http.accounts.logins import current_settings, without_cookie
from app.net.middlewares.access import current_user, in_person_required, login_required, proof_required, public
from app.net.middlewares.limits import at_most
from app.net.schemas.accounts.privacy import (
    AccountDeletionIn,
    ConsentIn,
    ConsentOut,
    ExportOut,
    ExportPath,
    TermsOut,
)
from app.services import privacy
from app.services.accounts import consents
from app.services.accounts.consents import Answer
from app.services.privacy import ErasureRequest
from app.utils.clock import utc_now


@auth.get("/terms", answers=list_answer(TermsOut))
@public
def list_terms() -> Response:
    """The texts in force, for whoever is about to sign up."""
    shown = [TermsOut.of(version) for version in consents.versions_in_force(utc_now()).values()]
    return listed(shown, size=len(shown), total=len(shown), next=None)


@user.get("/consents", answers=list_answer(ConsentOut))
@login_required
def list_consents() -> Response:
    """Everything I ever answered to a text, newest first: all of it on one page."""
    shown = [ConsentOut.of(row) for row in consents.list_answers(current_user.id)]
    return listed(shown, size=len(shown), total=len(shown), next=None)


@user.post("/consents", answers=created_answer(ConsentOut), idempotent=True)
@at_most(30)
@in_person_required
def create_consent(body: ConsentIn) -> Response:
    """Agree to a text in force, or take an earlier answer back."""
    answer = Answer(body.kind, body.version, body.agreed, address=request.remote_addr or "")
    row = consents.record_answer(current_user.user, answer, now=utc_now())
    return created(ConsentOut.of(row), location="/api/user/consents")


@user.post("/exports", answers=accepted_answer(ExportOut), errors=(409,))
@at_most(5)
@proof_required
def create_export() -> Response:
    """Have a copy made of everything that is kept on me; a mail says when it is ready."""
    return accepted(ExportOut.of(privacy.request_export(current_user.id, now=utc_now())))


@user.get("/exports", answers=list_answer(ExportOut))
@login_required
def list_exports() -> Response:
    """The copy I asked for last, which the mail about it speaks of: one entry, or none."""
    shown = [ExportOut.of(row) for row in privacy.list_exports(current_user.id)]
    return listed(shown, size=len(shown), total=len(shown), next=None)


@user.get("/exports/<export_id>", answers=one_answer(ExportOut))
@login_required
def read_export(path: ExportPath) -> Response:
    """How far my copy is."""
    return one(ExportOut.of(privacy.read_export(current_user.id, path.export_id)))


@user.get("/exports/<export_id>/download", answers={200: None}, errors=(409,))
@proof_required
def download_export(path: ExportPath) -> Response:
    """My copy as a zip of JSON and pictures."""
    archive = privacy.read_archive(current_user.id, path.export_id, now=utc_now(), settings=current_settings())
    answer = Response(archive, mimetype="application/zip")
    answer.headers["Content-Disposition"] = 'attachment; filename="my-data.zip"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@auth.delete("/account", answers=no_content_answer(), errors=(409,))
@at_most(10)
@in_person_required
def delete_account(body: AccountDeletionIn) -> Response:
    """Close my account at once and erase it. What is open (orders, sales) stands in the way: 409 names it."""
    wanted = ErasureRequest(current_user._get_current_object(), body.password)
    privacy.request_erasure(wanted, now=utc_now(), settings=current_settings())
    return without_cookie(no_content())
