"""The user's own profile, and what goes with a role."""

from flask import Response, request

from app.models.accounts import User
from app.net.answers import one, one_answer
from app.net.http.accounts.blueprints import user
from app.net.http.accounts.logins import current_settings
from app.net.middlewares.access import current_user, in_person_required, login_required
from app.net.preconditions import ensure_unchanged
from app.net.schemas.accounts.profile import (
    ProfileChangesIn,
    ProfileIn,
    ProfileOut,
    StaffProfileIn,
    StaffProfileOut,
    StudentProfileIn,
    StudentProfileOut,
)
from app.services import accounts as account_service
from app.services.accounts import profile as profile_service
from app.utils.clock import utc_now


@user.get("/profile", answers=one_answer(ProfileOut))
@login_required
def read_profile() -> Response:
    """My profile."""
    return _shown(current_user.user)


@user.put("/profile", answers=one_answer(ProfileOut), errors=(409,))
@login_required
def replace_profile(body: ProfileIn) -> Response:
    """Write the whole profile. A new phone needs a fresh proof and waits to be confirmed by the code it is sent."""
    ensure_unchanged(current_user.user.updated_at)
    return _shown(_changed(body.whole()))


@user.patch("/profile", answers=one_answer(ProfileOut), errors=(409,))
@login_required
def change_profile(body: ProfileChangesIn) -> Response:
    """Change some of the profile. A new phone needs a fresh proof and waits to be confirmed by the code it is sent."""
    ensure_unchanged(current_user.user.updated_at)
    return _shown(_changed(body.given()))


@user.get("/student-profile", answers=one_answer(StudentProfileOut), errors=(404,))
@login_required
def read_student_profile() -> Response:
    """What I have as a student."""
    return one(StudentProfileOut.of(profile_service.student_profile(current_user.user)))


@user.patch("/student-profile", answers=one_answer(StudentProfileOut), errors=(404,))
@login_required
def change_student_profile(body: StudentProfileIn) -> Response:
    """Change what I say of myself as a student."""
    return one(StudentProfileOut.of(profile_service.change_student_profile(current_user.user, body.given())))


@user.get("/staff-profile", answers=one_answer(StaffProfileOut), errors=(404,))
@login_required
def read_staff_profile() -> Response:
    """What I have as a member of staff."""
    return one(StaffProfileOut.of(profile_service.staff_profile(current_user.user)))


@user.patch("/staff-profile", answers=one_answer(StaffProfileOut), errors=(404,))
@in_person_required
def change_staff_profile(body: StaffProfileIn) -> Response:
    """Change what I say of myself as a member of staff."""
    row = profile_service.change_staff_profile(current_user.user, body.given(), settings=current_settings())
    return one(StaffProfileOut.of(row))


def _changed(changes: dict[str, object]) -> User:
    now, settings = utc_now(), current_settings()
    profile_service.ensure_may_change(current_user, changes, now=now, settings=settings)
    address = request.remote_addr or ""
    return account_service.change_profile(current_user.id, changes, now=now, settings=settings, address=address)


def _shown(row: User) -> Response:
    return one(ProfileOut.of(account_service.view_profile(row, now=utc_now())))
