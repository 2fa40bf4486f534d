"""The user's own open logins."""

from flask import Response

from app.net.answers import list_answer, listed, no_content, no_content_answer
from app.net.http.accounts.blueprints import auth
from app.net.middlewares.access import current_user, in_person_required, login_required
from app.net.schemas.accounts.sessions import SessionOut, SessionPath
from app.services import accounts as account_service
from app.utils.clock import utc_now


@auth.get("/sessions", answers=list_answer(SessionOut))
@login_required
def list_sessions() -> Response:
    """My open logins, newest first: all of them on one page."""
    sessions = account_service.list_sessions(current_user.id, now=utc_now())
    shown = [SessionOut.of(session, current_id=current_user.session_id) for session in sessions]
    return listed(shown, size=len(shown), total=len(shown), next=None)


@auth.delete("/sessions", answers=no_content_answer())
@in_person_required
def end_other_sessions() -> Response:
    """End all my logins but this one."""
    account_service.end_all_sessions(current_user.id, now=utc_now(), keep=current_user.session_id)
    return no_content()


@auth.delete("/sessions/<session_id>", answers=no_content_answer())
@in_person_required
def delete_session(path: SessionPath) -> Response:
    """End one of my logins."""
    account_service.end_session(current_user.id, path.session_id, now=utc_now())
    return no_content()
