"""What may be permitted, offered roles, and the end of acting in somebody's name."""

from flask import Response

from app.net.answers import list_answer, listed, no_content, no_content_answer
from app.net.http.accounts.blueprints import auth
from app.net.http.accounts.logins import without_cookie
from app.net.middlewares.access import current_actor, current_user, in_person_required, login_required
from app.net.schemas.roles import InvitationIn, PermissionOut
from app.services.accounts import acting, invitations
from app.services.accounts.rights import describe_permissions
from app.utils.clock import utc_now


@auth.get("/permissions", answers=list_answer(PermissionOut))
@login_required
def list_permissions() -> Response:
    """Every permission there is, all on one page."""
    found = [PermissionOut(code=code, scope=scope, description=text) for code, scope, text in describe_permissions()]
    return listed(found, size=len(found), total=len(found), next=None)


@auth.post("/role-invitations/accept", answers=no_content_answer(), errors=(409,))
@in_person_required
def accept_role_invitation(body: InvitationIn) -> Response:
    """Take a role that a school or store offered. All your logins end, this one too: the next one has the role."""
    person = current_user._get_current_object()
    invitations.accept(body.token, person, current_actor(), now=utc_now())
    return without_cookie(no_content())


@auth.post("/act-as/end", answers=no_content_answer(), errors=(404,))
@login_required
def end_acting() -> Response:
    """Act in somebody's name no more."""
    acting.end(current_user._get_current_object(), now=utc_now())
    return without_cookie(no_content())
