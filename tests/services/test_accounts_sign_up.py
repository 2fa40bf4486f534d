"""Sign-up against the real store: names are unique, and every crash in between heals."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from app.models.accounts import LoginName, StudentProfile, User
from app.services import accounts as account_service
from app.services.accounts import NewAccount, UsernameTaken, names
from app.utils.errors import InvalidValue, NotFound
from app.utils.ids import new_id

pytestmark = pytest.mark.usefixtures("app")
NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


def fresh_name() -> str:
    return f"ann-{new_id()}".lower()


def account(name: str, **more: str) -> NewAccount:
    return NewAccount(**{"email": f"{name}@example.com", "password": PASSWORD, **more})


def sign_up(settings, name: str = "", *, now: datetime = NOW, **more: str) -> User:
    return account_service.register(account(name or fresh_name(), **more), now=now, settings=settings)


def test_a_new_user_holds_the_names_and_has_a_profile(settings):
    name = fresh_name()
    user = sign_up(settings, name, first_name="Ann")
    kept = User.find(user.id)
    assert (kept.username, kept.email, kept.first_name) == (f"{name}@example.com", f"{name}@example.com", "Ann")
    assert (kept.country, kept.locale, kept.status, kept.is_student, kept.is_staff) == (
        "US",
        "en",
        "active",
        True,
        False,
    )
    assert len(kept.referral_code) == 8
    assert kept.password_hash.startswith("$argon2id$")
    assert StudentProfile.find(user.id) is not None
    for kind, value in (("username", kept.username), ("email", kept.email), ("referral", kept.referral_code)):
        row = LoginName.find(f"{kind}:{value}")
        assert (row.user_id, row.is_settled) == (user.id, True)


def test_names_are_taken_whatever_their_case(settings):
    name = fresh_name()
    sign_up(settings, name)
    with pytest.raises(UsernameTaken):
        account_service.register(account(name.upper()), now=NOW, settings=settings)


def test_a_second_person_may_share_an_email_under_an_own_username(settings):
    name = fresh_name()
    first = sign_up(settings, name)
    second = sign_up(settings, name, username=f"{name}-second")
    assert second.email == first.email
    assert names.find_holder(f"{name}@example.com") == first.id
    assert names.find_holder(f"{name}-second") == second.id


def test_a_refused_sign_up_leaves_no_name_behind(settings):
    name = fresh_name()
    sign_up(settings, name, username=f"{name}-first")  # holds the email, but not as a username
    with pytest.raises(UsernameTaken):
        sign_up(settings, name)
    assert LoginName.find(f"username:{name}@example.com") is None


def test_anothers_email_is_no_username(settings):
    name = fresh_name()
    with pytest.raises(UsernameTaken):
        sign_up(settings, name, username=f"victim-{name}@example.com")


@pytest.mark.parametrize("password", ["short", "x" * 129])
def test_an_unusable_password_creates_nothing(settings, password):
    name = fresh_name()
    with pytest.raises(InvalidValue):
        sign_up(settings, name, password=password)
    assert LoginName.find(f"username:{name}@example.com") is None


def test_of_parallel_sign_ups_under_one_name_one_wins(settings):
    name = fresh_name()

    def attempt(_: int) -> str:
        try:
            return sign_up(settings, name).id
        except UsernameTaken:
            return ""

    with ThreadPoolExecutor(8) as threads:
        made = [user_id for user_id in threads.map(attempt, range(8)) if user_id]
    assert len(made) == 1
    assert names.find_holder(f"{name}@example.com") == made[0]


# what a crash leaves after each step


def test_a_claim_left_by_a_crash_blocks_the_name_for_a_minute(settings):
    name = fresh_name()
    assert names.claim("username", f"{name}@example.com", "crashed", now=NOW)
    with pytest.raises(UsernameTaken):
        sign_up(settings, name, now=NOW + timedelta(seconds=59))
    user = sign_up(settings, name, now=NOW + timedelta(seconds=60))
    assert names.find_holder(f"{name}@example.com") == user.id


def test_a_crash_after_the_user_was_written_leaves_a_working_account(settings):
    name = fresh_name()
    email = f"{name}@example.com"
    user_id = new_id()
    names.claim("username", email, user_id, now=NOW)
    names.claim("email", email, user_id, now=NOW)
    User.create(id=user_id, username=email, email=email)
    with pytest.raises(UsernameTaken):
        sign_up(settings, name, now=NOW + timedelta(hours=1))
    assert LoginName.find(f"username:{email}").is_settled
    assert names.find_holder(email) == user_id


def test_a_sign_up_that_slept_beyond_its_minute_loses_to_the_one_that_took_over():
    value = fresh_name()
    assert names.claim("username", value, "sleeper", now=NOW)
    assert names.claim("username", value, "winner", now=NOW + timedelta(minutes=1))
    assert not names.settle("username", value, "sleeper")
    assert names.settle("username", value, "winner")
    names.release("username", value, "sleeper")
    assert LoginName.find(f"username:{value}").user_id == "winner"


def test_of_parallel_takeovers_one_wins():
    value = fresh_name()
    names.claim("username", value, "crashed", now=NOW)
    later = NOW + timedelta(minutes=2)
    with ThreadPoolExecutor(6) as threads:
        won = list(threads.map(lambda number: names.claim("username", value, f"u{number}", now=later), range(6)))
    assert won.count(True) == 1


def test_a_seeded_account_is_made_once(settings):
    name, user_id = fresh_name(), new_id()
    for flags in ({"is_seller": True}, {"is_seller": True}, {"is_teacher": True}):
        account_service.ensure_account(account(name), user_id=user_id, now=NOW, settings=settings, **flags)
    user = User.find(user_id)
    assert (user.is_seller, user.is_teacher, user.is_staff) == (True, True, True)


# profile


def test_only_profile_columns_are_changed_by_a_profile(settings):
    user = sign_up(settings)
    with pytest.raises(ValueError, match="is_admin"):
        account_service.change_profile(user.id, {"is_admin": True}, now=NOW, settings=settings)


def test_an_unknown_user_is_not_found():
    with pytest.raises(NotFound):
        account_service.get_user("nobody")


def test_users_are_found_by_the_mirror_without_secrets(settings):
    name = fresh_name()
    user = sign_up(settings, name)
    user.update(city="Springfield", refresh=True)
    found = User.elastic("email", f"{name}@example.com").documents()
    assert [document["id"] for document in found] == [user.id]
    assert "password_hash" not in found[0]
