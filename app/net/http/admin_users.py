"""People as staff find, read and change them."""

from flask import Response, request

from app.models import User
from app.net.answers import created, created_answer, list_answer, listed, one, one_answer
from app.net.http.accounts.logins import current_settings, with_acting_cookie
from app.net.middlewares.access import current_actor, current_user, permission_required
from app.net.middlewares.blueprints import ApiBlueprint
from app.net.pages import after_of, next_of, skip_of
from app.net.preconditions import ensure_unchanged
from app.net.schemas.admin_users import (
    ActAsIn,
    ActingLoginOut,
    EndedOut,
    FactorResetIn,
    FactorResetOut,
    PersonOut,
    RoleChangesIn,
    StatusIn,
    UserPath,
    UsersQuery,
    UserSummaryOut,
)
from app.services.accounts import acting, administration, factor_reset, people
from app.services.accounts.acting import ActingStart
from app.services.accounts.roles import Authority
from app.utils.clock import utc_now

admin_users = ApiBlueprint("admin_users", url_prefix="/api/admin/users", tag="Administration")

READ, MANAGE = "users.user.read", "users.user.manage"


@admin_users.get("", answers=list_answer(UserSummaryOut))
@permission_required(READ)
def list_users(query: UsersQuery) -> Response:
    """People by words, status, role and day of signing up."""
    wanted = query.filter(current_settings().default_country)
    page = people.search_people(wanted, size=query.size, skip=skip_of(query), after=after_of(query))
    found = [UserSummaryOut.of_document(document) for document in page.documents]
    return listed(found, size=query.size, total=page.total, next=next_of(query, page.next))


@admin_users.get("/<string:user_id>", answers=one_answer(PersonOut))
@permission_required(READ)
def read_user(path: UserPath) -> Response:
    """One person: profile, roles, open logins, last orders. That you looked is in the log."""
    return one(PersonOut.of(people.view_person(path.user_id, _authority(), now=utc_now())))


@admin_users.patch("/<string:user_id>/status", answers=one_answer(UserSummaryOut), errors=(409,))
@permission_required(MANAGE)
def change_user_status(path: UserPath, body: StatusIn) -> Response:
    """Ban, deactivate or activate an account. Unless it is active, all its logins end at once."""
    now = utc_now()
    user = administration.change_status(
        path.user_id, body.status, _authority(), reason=body.reason, check=_ensure_as_seen, now=now
    )
    return one(UserSummaryOut.of(user))


@admin_users.post("/<string:user_id>/roles", answers=one_answer(UserSummaryOut), errors=(409,), idempotent=True)
@permission_required("users.role.write", proved=True)
def change_user_roles(path: UserPath, body: RoleChangesIn) -> Response:
    """Give and take platform roles and flags. If that changes anything, all logins of the user end."""
    user = administration.change_roles(path.user_id, body.changes(), _authority(), check=_ensure_as_seen, now=utc_now())
    return one(UserSummaryOut.of(user))


@admin_users.delete("/<string:user_id>/sessions", answers=one_answer(EndedOut), errors=(409,))
@permission_required(MANAGE)
def end_user_sessions(path: UserPath) -> Response:
    """End all logins of a user."""
    ended = administration.end_sessions(path.user_id, _authority(), check=_ensure_as_seen, now=utc_now())
    return one(EndedOut(ended=ended))


@admin_users.post("/<string:user_id>/act-as", answers=created_answer(ActingLoginOut), errors=(409,))
@permission_required(acting.ACT_AS, proved=True)
def act_as_user(path: UserPath, body: ActAsIn) -> Response:
    """A login in the user's name for half an hour. It is shown to them, and everything done in it is in the log."""
    start = ActingStart(body.reason, request.remote_addr or "", body.client)
    user = current_user._get_current_object()
    settings = current_settings()
    begun = acting.begin(path.user_id, user, start, current_actor(), now=utc_now(), settings=settings)
    return with_acting_cookie(created(ActingLoginOut.of(begun), location="/api/auth/me"), begun)


@admin_users.post("/<string:user_id>/second-factor-reset", answers=one_answer(FactorResetOut), errors=(409,))
@permission_required(factor_reset.RESET, proved=True)
def reset_second_factor(path: UserPath, body: FactorResetIn) -> Response:
    """Take the authenticator app, the recovery codes and all passkeys off the account of somebody who has lost them.

    Their logins end, they are told by mail, and it is in the log. Only for who has fewer rights than you.
    """
    removed = factor_reset.reset_factors(
        path.user_id, _authority(), reason=body.reason, check=_ensure_as_seen, now=utc_now()
    )
    return one(FactorResetOut(authenticator_app=removed.authenticator_app, passkeys=removed.passkeys))


def _authority() -> Authority:
    return Authority(current_user.rights, current_actor())


def _ensure_as_seen(user: User) -> None:
    ensure_unchanged(user.updated_at)
