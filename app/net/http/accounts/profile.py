"""The user's own profile."""

from flask import Response

from app.net.answers import one, one_answer
from app.net.http.accounts.blueprints import user
from app.net.middlewares.access import current_user, login_required
from app.net.preconditions import ensure_unchanged
from app.net.schemas.accounts.profile import ProfileChangesIn, ProfileIn, ProfileOut
from app.services import accounts as account_service
from app.utils.clock import utc_now


@user.get("/profile", answers=one_answer(ProfileOut))
@login_required
def read_profile() -> Response:
    """My profile."""
    return one(ProfileOut.of(current_user.user))


@user.put("/profile", answers=one_answer(ProfileOut), errors=(409,))
@login_required
def replace_profile(body: ProfileIn) -> Response:
    """Write the whole profile."""
    ensure_unchanged(current_user.user.updated_at)
    return one(ProfileOut.of(account_service.change_profile(current_user.id, body.model_dump(), now=utc_now())))


@user.patch("/profile", answers=one_answer(ProfileOut), errors=(409,))
@login_required
def change_profile(body: ProfileChangesIn) -> Response:
    """Change the given fields of the profile."""
    ensure_unchanged(current_user.user.updated_at)
    return one(ProfileOut.of(account_service.change_profile(current_user.id, body.given(), now=utc_now())))
