"""Acting in a user's name: short, seen by the user, bound to the own login, and in the log."""

import json
from datetime import timedelta

import pytest

from app.models import AdminLog, User
from app.services import accounts as account_service
from app.services.accounts import ActingRefused, Forbidden, SessionEnded, acting, administration, prove_by_password
from app.services.accounts.acting import ActingStart, UserNotActive
from app.services.accounts.administration import OwnAccount
from app.services.audit import Actor
from app.utils.clock import utc_now
from app.utils.errors import InvalidValue, NotFound
from app.utils.ids import new_id
from tests.factories import PASSWORD, authority, give_role, log_in, make_platform_role, make_user

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def user(settings):
    return make_user(settings)


@pytest.fixture
def staff(settings):
    return make_user(settings, is_admin=True)


@pytest.fixture
def begin(settings, staff):
    """Begins to act; returns the login of the member of staff and the one in the other's name."""

    def act(user, *, by=staff, reason="helps with an order", now=None):
        own = log_in(by, settings)
        identity = account_service.authenticate_cookie(own.cookie, now=utc_now())
        start = ActingStart(reason, "192.0.2.7", "browser")
        return own, acting.begin(user.id, identity, start, Actor(by.id), now=now or utc_now(), settings=settings)

    return act


def identity_of(begun):
    return account_service.authenticate_cookie(begun.cookie, now=utc_now())


def actions_about(user_id, refresh_index):
    refresh_index()
    documents = AdminLog.elastic("subject_id", user_id).sort("at", "asc").documents()
    return [(entry["action"], entry["actor_id"], entry.get("acting_as", "")) for entry in documents]


def test_the_login_is_the_users_and_names_who_acts(begin, user, staff, settings):
    _, begun = begin(user)
    identity = identity_of(begun)
    by_token = account_service.authenticate_bearer(begun.access_token, now=utc_now(), settings=settings)
    assert (identity.id, identity.acting_by, by_token.acting_by) == (user.id, staff.id, staff.id)
    (listed,) = account_service.list_sessions(user.id, now=utc_now())
    assert (listed.kind, listed.expires_at - listed.started_at) == ("acting", timedelta(minutes=30))
    assert listed.refresh_hash is None and listed.proved_at is None


def test_it_ends_after_half_an_hour(begin, user):
    _, begun = begin(user)
    later = begun.session.expires_at
    assert account_service.authenticate_cookie(begun.cookie, now=later - timedelta(milliseconds=1))
    with pytest.raises(SessionEnded):
        account_service.authenticate_cookie(begun.cookie, now=later)


def test_nothing_that_only_the_person_may_do_works(begin, user, settings):
    _, begun = begin(user)
    identity = identity_of(begun)
    with pytest.raises(ActingRefused):
        account_service.ensure_proved(identity, now=utc_now(), settings=settings)
    with pytest.raises(ActingRefused):
        account_service.ensure_in_person(identity)
    with pytest.raises(ActingRefused):
        prove_by_password(identity, PASSWORD, now=utc_now(), settings=settings)
    with pytest.raises(ActingRefused):
        acting.begin(new_id(), identity, ActingStart("once more"), Actor("x"), now=utc_now(), settings=settings)


def test_begin_and_every_way_to_end_are_in_the_log(begin, user, staff, refresh_index):
    _, begun = begin(user)
    acting.end(identity_of(begun), now=utc_now())
    with pytest.raises(SessionEnded):
        identity_of(begun)
    _, begun = begin(user)
    account_service.end_session(user.id, begun.session.id, now=utc_now())
    account_service.end_session(user.id, begun.session.id, now=utc_now())
    assert actions_about(user.id, refresh_index) == [
        ("users.acting.begin", staff.id, ""),
        ("users.acting.end", staff.id, user.id),
        ("users.acting.begin", staff.id, ""),
        ("users.acting.end", staff.id, user.id),
    ]
    first = AdminLog.elastic("subject_id", user.id).sort("at", "asc").documents()[0]
    assert first["reason"] == "helps with an order" and json.loads(first["after"])["session"]


def test_it_ends_with_the_own_login_and_with_the_right(begin, user, staff, settings):
    own, begun = begin(user)
    account_service.end_session(staff.id, own.session.id, now=utc_now())
    with pytest.raises(SessionEnded):
        identity_of(begun)
    _, begun = begin(user)
    User.find(staff.id).update(is_admin=False)
    with pytest.raises(SessionEnded):
        identity_of(begun)
    User.find(staff.id).update(is_admin=True)
    assert identity_of(begun).id == user.id
    root = make_user(settings, is_superuser=True)
    administration.change_status(staff.id, "banned", authority(root), reason="left", now=utc_now())
    with pytest.raises(SessionEnded):
        identity_of(begun)


def test_nobody_acts_as_staff_as_themselves_or_as_somebody_blocked(begin, user, staff, settings):
    for flags in ({"is_admin": True}, {"is_superuser": True}):
        with pytest.raises(Forbidden):
            begin(make_user(settings, **flags))
    clerk = make_user(settings)
    give_role(make_platform_role("users.log.read"), clerk)
    with pytest.raises(Forbidden):
        begin(clerk)
    with pytest.raises(OwnAccount):
        begin(staff)
    with pytest.raises(NotFound):
        begin(User(id=new_id(), username="x", email="x@example.com"))
    user.update(status="banned")
    with pytest.raises(UserNotActive):
        begin(user)


def test_a_custom_role_may_permit_it_and_a_reason_is_needed(begin, user, settings):
    helper = make_user(settings)
    with pytest.raises(Forbidden):
        begin(user, by=helper)
    give_role(make_platform_role("users.user.act_as"), helper)
    _, begun = begin(make_user(settings, is_seller=True), by=helper)
    assert identity_of(begun).acting_by == helper.id
    with pytest.raises(InvalidValue):
        begin(user, by=helper, reason="why ")


def test_an_own_login_has_no_acting_to_end(user, settings):
    identity = account_service.authenticate_cookie(log_in(user, settings).cookie, now=utc_now())
    with pytest.raises(NotFound):
        acting.end(identity, now=utc_now())


def test_secrets_are_not_shown(begin, user):
    _, begun = begin(user)
    assert begun.access_token not in repr(begun) and begun.cookie not in repr(begun)
