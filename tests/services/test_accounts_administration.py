"""What staff do to accounts: blocking, flags, the last superuser, and the log nobody can change."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from app.models import AdminLog, SuperuserRoster, User
from app.models.admin import AppendOnly
from app.services import accounts as account_service
from app.services import audit, audit_search
from app.services.accounts import (
    Forbidden,
    SessionEnded,
    UserInactive,
    UsernameTaken,
    administration,
    people,
    superusers,
)
from app.services.accounts.administration import OwnAccount, RoleChanges
from app.services.accounts.first_superuser import ensure_first_superuser
from app.services.accounts.people import PeopleFilter
from app.services.accounts.superusers import LastSuperuser
from app.services.audit import Actor, Deed
from app.services.audit_search import LogFilter
from app.utils.clock import utc_now
from app.utils.errors import ConcurrentChange, InvalidValue, NotFound
from app.utils.ids import new_id
from tests.factories import authority, give_role, log_in, make_platform_role, make_user

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def admin(settings):
    return make_user(settings, is_admin=True)


@pytest.fixture
def user(settings):
    return make_user(settings)


@pytest.fixture
def only_superusers(stores):
    """Call it with users: they are the only superusers there are, until the test ends."""
    before = SuperuserRoster.find(superusers.ROSTER)
    kept = before.entries if before else "{}"

    def be(*users):
        entries = json.dumps({user.id: {"state": "member"} for user in users})
        SuperuserRoster.create_if_absent(name=superusers.ROSTER)
        SuperuserRoster.change((superusers.ROSTER,), lambda roster: {"entries": entries})

    yield be
    SuperuserRoster.change((superusers.ROSTER,), lambda roster: {"entries": kept})


def change_status(user, status, by, now=None):
    return administration.change_status(user.id, status, authority(by), reason="because", now=now or utc_now())


def flags(user, by, **flags):
    return administration.change_roles(user.id, RoleChanges(flags=flags), authority(by), now=utc_now())


def last_entry(user_id):
    found = [AdminLog.find(document["id"]) for document in AdminLog.elastic("subject_id", user_id).documents()]
    return max(found, key=lambda entry: (entry.at, entry.id))


# status


@pytest.mark.parametrize("status", ["banned", "inactive"])
def test_a_blocked_account_is_refused_at_once_and_its_logins_have_ended(user, admin, settings, refresh_index, status):
    signed_in = log_in(user, settings)
    assert change_status(user, status, admin).status == status
    with pytest.raises(UserInactive):
        account_service.authenticate_cookie(signed_in.cookie, now=utc_now())
    with pytest.raises((UserInactive, SessionEnded)):
        account_service.refresh_login(signed_in.refresh_token, now=utc_now(), settings=settings)
    assert account_service.list_sessions(user.id, now=utc_now()) == []
    refresh_index()
    entry = last_entry(user.id)
    assert (entry.actor_id, entry.reason, entry.address) == (admin.id, "because", "192.0.2.7")
    assert (json.loads(entry.before), json.loads(entry.after)) == ({"status": "active"}, {"status": status})
    change_status(user, "active", admin)
    with pytest.raises(SessionEnded):
        account_service.authenticate_cookie(signed_in.cookie, now=utc_now())


def test_nobody_changes_the_status_of_their_own_account(admin):
    with pytest.raises(OwnAccount):
        change_status(admin, "inactive", admin)
    assert User.find(admin.id).status == "active"


def test_who_may_do_more_is_out_of_reach(admin, settings):
    root = make_user(settings, is_admin=True, is_superuser=True)
    helper = make_user(settings)
    give_role(make_platform_role("users.user.manage", "users.role.write"), helper)
    for refused in (
        lambda: change_status(root, "banned", admin),
        lambda: change_status(admin, "banned", helper),
        lambda: administration.end_sessions(root.id, authority(admin), now=utc_now()),
        lambda: flags(root, admin, is_superuser=False),
        lambda: flags(admin, helper, is_admin=False),
    ):
        with pytest.raises(Forbidden):
            refused()
    assert (User.find(root.id).status, User.find(admin.id).status) == ("active", "active")


def test_a_right_that_is_missing_refuses_before_anything_else(user, settings):
    nobody = make_user(settings)
    for refused in (
        lambda: change_status(user, "banned", nobody),
        lambda: flags(user, nobody, is_seller=True),
        lambda: administration.end_sessions(new_id(), authority(nobody), now=utc_now()),
        lambda: people.view_person(new_id(), authority(nobody), now=utc_now()),
    ):
        with pytest.raises(Forbidden):
            refused()


# flags and roles


def test_flags_are_given_and_taken_with_what_they_imply(user, admin, settings):
    signed_in = log_in(user, settings)
    assert flags(user, admin, is_teacher=True).is_staff is True
    with pytest.raises(SessionEnded):
        account_service.authenticate_cookie(signed_in.cookie, now=utc_now())
    changed = flags(user, admin, is_teacher=False, is_seller=True)
    assert (changed.is_teacher, changed.is_seller, changed.is_staff) == (False, True, False)


def test_flags_that_stand_already_end_no_login(user, admin, settings):
    signed_in = log_in(user, settings)
    flags(user, admin, is_seller=False)
    assert account_service.authenticate_cookie(signed_in.cookie, now=utc_now()).id == user.id


def test_only_a_superuser_makes_one(user, admin, settings):
    with pytest.raises(Forbidden):
        flags(user, admin, is_superuser=True)
    root = make_user(settings, is_superuser=True)
    assert flags(user, root, is_superuser=True).is_superuser is True
    assert superusers.is_listed(user.id)
    assert flags(user, root, is_superuser=False).is_superuser is False
    assert not superusers.is_listed(user.id)


def test_nobody_gives_a_flag_that_holds_more_than_they_do(user, settings):
    helper = make_user(settings)
    give_role(make_platform_role("users.role.write"), helper)
    for name in ("is_seller", "is_teacher", "is_admin"):
        with pytest.raises(Forbidden) as refusal:
            flags(user, helper, **{name: True})
        assert refusal.value.details["lacking"]
    assert flags(user, helper, is_student=False).is_student is False


def test_platform_roles_are_given_and_taken(user, admin):
    role = make_platform_role("users.log.read")
    give = RoleChanges(add=(role.id,))
    administration.change_roles(user.id, give, authority(admin), now=utc_now())
    assert account_service.rights_of(User.find(user.id)).platform == {"users.log.read"}
    with pytest.raises(InvalidValue):
        administration.change_roles(
            user.id, RoleChanges(add=(role.id,), remove=(role.id,)), authority(admin), now=utc_now()
        )
    administration.change_roles(user.id, RoleChanges(remove=(role.id,)), authority(admin), now=utc_now())
    assert account_service.rights_of(User.find(user.id)).platform == frozenset()
    for wrong in (RoleChanges(add=(new_id(),)), RoleChanges(remove=(role.id,))):
        with pytest.raises(NotFound):
            administration.change_roles(user.id, wrong, authority(admin), now=utc_now())


# the last superuser


def test_the_last_superuser_stays(settings, only_superusers):
    root, second = (make_user(settings, is_superuser=True) for _ in range(2))
    only_superusers(root)
    with pytest.raises(LastSuperuser):
        flags(root, root, is_superuser=False)
    with pytest.raises(LastSuperuser):
        change_status(root, "banned", second)
    assert User.find(root.id).is_superuser and User.find(root.id).is_active
    only_superusers(root, second)
    change_status(root, "banned", second)
    with pytest.raises(LastSuperuser):
        flags(second, second, is_superuser=False)
    change_status(root, "active", second)
    assert flags(second, second, is_superuser=False).is_superuser is False


@pytest.mark.parametrize("round_number", range(6))
def test_of_two_superusers_who_unmake_each_other_one_stays(settings, only_superusers, round_number):
    first, second = (make_user(settings, is_superuser=True) for _ in range(2))
    only_superusers(first, second)
    rights, barrier = {user.id: authority(user) for user in (first, second)}, Barrier(2)

    def unmake(other, by):
        barrier.wait()
        changes = RoleChanges(flags={"is_superuser": False})
        try:
            if round_number % 2:
                administration.change_status(other.id, "banned", rights[by.id], reason="race", now=utc_now())
            else:
                administration.change_roles(other.id, changes, rights[by.id], now=utc_now())
        except (LastSuperuser, ConcurrentChange) as refusal:
            return type(refusal)
        return None

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(unmake, (first, second), (second, first)))
    left = [user for user in (first, second) if User.find(user.id).is_superuser and User.find(user.id).is_active]
    assert len(left) == 1
    assert [superusers.is_listed(user.id) for user in (first, second)] == [user in left for user in (first, second)]
    assert sorted(outcomes, key=str).count(None) == 1


def test_a_move_that_died_is_taken_over_after_a_minute(settings, only_superusers):
    root, second = (make_user(settings, is_superuser=True) for _ in range(2))
    only_superusers(root, second)
    now = utc_now()
    superusers._announce(second.id, "token of a dead process", stays=False, now=now)
    with pytest.raises(LastSuperuser):
        change_status(root, "banned", second)
    with pytest.raises(ConcurrentChange), superusers.changed(second.id, stays=True, now=now + timedelta(seconds=59)):
        pass
    with superusers.changed(second.id, stays=True, now=now + timedelta(seconds=61)):
        pass
    assert superusers.is_listed(second.id)


def test_a_failed_write_leaves_the_superuser_in_place(settings, only_superusers):
    root, second = (make_user(settings, is_superuser=True) for _ in range(2))
    only_superusers(root, second)
    with pytest.raises(RuntimeError), superusers.changed(second.id, stays=False, now=utc_now()):
        raise RuntimeError
    assert superusers.is_listed(second.id)


# the first superuser


def test_the_first_superuser_is_made_once(settings):
    email = f"root-{new_id()}@example.com".lower()
    named = replace(settings, superuser_email=email, superuser_password="correct horse battery")
    user, is_new = ensure_first_superuser(now=utc_now(), settings=named)
    assert (is_new, user.is_superuser, user.email_confirmed_at is not None) == (True, True, True)
    before = dict(User.find(user.id))
    again, is_new = ensure_first_superuser(now=utc_now(), settings=replace(named, superuser_password="another one 2"))
    assert (again.id, is_new) == (user.id, False)
    assert dict(User.find(user.id)) == before


def test_somebody_elses_account_is_never_promoted(settings, user):
    named = replace(settings, superuser_email=user.email, superuser_password="correct horse battery")
    with pytest.raises(UsernameTaken):
        ensure_first_superuser(now=utc_now(), settings=named)
    assert not User.find(user.id).is_superuser


@pytest.mark.parametrize(
    ("email", "password", "named"),
    [
        ("", "", "Set SUPERUSER_EMAIL and SUPERUSER_PASSWORD"),
        ("root@example.com", "", "Set SUPERUSER_PASSWORD"),
        ("", "correct horse", "Set SUPERUSER_EMAIL"),
    ],
)
def test_missing_settings_are_named(settings, email, password, named):
    with pytest.raises(InvalidValue, match=named):
        ensure_first_superuser(
            now=utc_now(), settings=replace(settings, superuser_email=email, superuser_password=password)
        )


# finding people


def found(refresh_index, **wanted):
    refresh_index()
    page = people.search_people(PeopleFilter(country="US", **wanted), size=50, skip=0, after=None)
    return [document["id"] for document in page.documents]


def test_people_are_found_by_name_email_and_phone(settings, refresh_index):
    surname = f"Q{new_id()}".lower()
    user = make_user(settings)
    number = f"+1415555{int.from_bytes(user.id[-4:].encode()) % 10000:04d}"
    user.update(first_name="Wilhelmina", last_name=surname, phone=number)
    for q in (surname, f"wilhelmina {surname}", user.email, user.username):
        assert found(refresh_index, q=q)[:1] == [user.id], q
    assert user.id in found(refresh_index, q=number)
    assert user.id in found(refresh_index, q=number.removeprefix("+1"))
    assert found(refresh_index, q=f"nobody{new_id()}") == []


def test_people_are_narrowed_by_status_role_and_day(settings, refresh_index, admin):
    surname = f"Q{new_id()}".lower()
    teacher, seller = make_user(settings, is_teacher=True), make_user(settings, is_seller=True)
    role = make_platform_role("users.log.read")
    for person in (teacher, seller):
        person.update(last_name=surname)
    give_role(role, seller)
    change_status(teacher, "banned", admin)
    assert found(refresh_index, q=surname, status="banned") == [teacher.id]
    assert found(refresh_index, q=surname, role="seller") == [seller.id]
    assert found(refresh_index, q=surname, role=role.id) == [seller.id]
    today = utc_now().date()
    assert set(found(refresh_index, q=surname, since=today, until=today)) == {teacher.id, seller.id}
    assert found(refresh_index, q=surname, since=today + timedelta(days=1)) == []
    assert found(refresh_index, q=surname, until=today - timedelta(days=1)) == []
    with pytest.raises(InvalidValue):
        found(refresh_index, since=today, until=today - timedelta(days=1))


def test_who_looks_at_a_person_is_in_the_log(user, admin, refresh_index):
    view = people.view_person(user.id, authority(admin), now=utc_now())
    assert (view.user.id, view.open_sessions, view.last_orders) == (user.id, 0, [])
    refresh_index()
    entry = last_entry(user.id)
    assert (entry.action, entry.actor_id) == ("users.user.read", admin.id)


# the log


def test_an_entry_is_found_and_cannot_be_changed(admin, refresh_index):
    subject = new_id()
    kept = audit.record(
        Deed("users.user.ban", "user", subject, {"status": "active"}, {"status": "banned"}, "spam"),
        Actor(admin.id, "192.0.2.1", "request"),
        now=utc_now(),
    )
    refresh_index()
    today = utc_now().date()
    for wanted in (
        LogFilter(subject_id=subject),
        LogFilter(actor=admin.id, kind="user", action="users.user.ban"),
        LogFilter(subject_id=subject, since=today, until=today),
    ):
        page = audit_search.search_log(wanted, size=10, skip=0, after=None)
        assert [document["id"] for document in page.documents] == [kept.id]
    for wanted in (LogFilter(subject_id=subject, action="other"), LogFilter(subject_id=subject, kind="role")):
        assert audit_search.search_log(wanted, size=10, skip=0, after=None).documents == []
    row = AdminLog.find(kept.id)
    for change in (lambda: row.update(reason="none"), row.delete, lambda: row.save()):
        with pytest.raises(AppendOnly):
            change()
    assert audit_search.get_entry(kept.id).reason == "spam"
    with pytest.raises(NotFound):
        audit_search.get_entry(new_id())
