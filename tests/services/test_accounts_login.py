"""Logins and sessions against the real store."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.models.accounts import BANNED, User, UserSession
from app.services import accounts as account_service
from app.services.accounts import (
    BadCredentials,
    Credentials,
    NewAccount,
    SessionEnded,
    SessionStart,
    TooManyAttempts,
    Unauthenticated,
    UserInactive,
)
from app.utils.errors import NotFound
from app.utils.ids import new_id

pytestmark = pytest.mark.usefixtures("app")
NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
BROWSER, MOBILE = SessionStart("browser", "Firefox", "192.0.2.1"), SessionStart("mobile", "Phone")


@pytest.fixture
def user(settings) -> User:
    email = f"bea-{new_id()}@example.com"
    return account_service.register(NewAccount(email, PASSWORD), now=NOW, settings=settings)


@pytest.fixture
def log_in(settings, user):
    def sign(password=PASSWORD, *, name="", start=BROWSER, replaces=None, now=NOW, settings=settings):
        credentials = Credentials(name or user.email, password)
        return account_service.log_in(credentials, start, replaces=replaces, now=now, settings=settings)

    return sign


def test_a_login_opens_a_session_with_three_keys(log_in, settings, user):
    signed_in = log_in()
    by_cookie = account_service.authenticate_cookie(signed_in.cookie, now=NOW)
    by_token = account_service.authenticate_bearer(signed_in.access_token, now=NOW, settings=settings)
    assert by_cookie.id == by_token.id == user.id
    assert by_cookie.session_id == by_token.session_id == signed_in.session.id
    assert User.find(user.id).last_login_at == NOW


def test_no_secret_is_kept_or_shown(log_in):
    signed_in = log_in()
    row = UserSession.find(signed_in.user.id, signed_in.session.id)
    secrets = (signed_in.cookie, signed_in.access_token, signed_in.refresh_token)
    assert not set(secrets) & {str(value) for value in dict(row).values()}
    assert not any(secret in repr(signed_in) for secret in secrets)
    assert PASSWORD not in repr(Credentials("ann", PASSWORD)) + repr(NewAccount("a@b.c", PASSWORD))


def test_the_name_is_read_whatever_its_case(log_in, user):
    assert log_in(name=f" {user.email.upper()} ").user.id == user.id


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper(), PASSWORD + " "])
def test_a_wrong_password_is_refused(log_in, password):
    with pytest.raises(BadCredentials) as refusal:
        log_in(password)
    assert refusal.value.message == "Wrong name or password."


def test_an_unknown_name_gets_the_same_answer(log_in):
    with pytest.raises(BadCredentials) as refusal:
        log_in(name=f"nobody-{new_id()}")
    assert refusal.value.message == "Wrong name or password."


def test_an_old_hash_is_renewed_at_login(log_in, settings, user):
    stronger = replace(settings, argon2_iterations=settings.argon2_iterations + 1)
    log_in(settings=stronger)
    assert f",t={stronger.argon2_iterations}," in User.find(user.id).password_hash
    log_in(settings=stronger)


def test_a_login_ends_the_session_it_replaces(log_in):
    first = log_in()
    log_in(replaces=first.cookie)
    with pytest.raises(SessionEnded):
        account_service.authenticate_cookie(first.cookie, now=NOW)


def test_a_forged_cookie_replaces_nothing(log_in):
    first = log_in()
    forged = f"{first.user.id}.{first.session.id}.guess"
    log_in(replaces=forged)
    assert account_service.authenticate_cookie(first.cookie, now=NOW).id == first.user.id
    with pytest.raises(Unauthenticated):
        account_service.authenticate_cookie(forged, now=NOW)


def test_a_mobile_login_has_no_cookie(log_in, settings):
    signed_in = log_in(start=MOBILE)
    assert signed_in.cookie is None
    with pytest.raises(Unauthenticated):
        account_service.authenticate_cookie(f"{signed_in.user.id}.{signed_in.session.id}.", now=NOW)


def test_a_session_ends_after_thirty_days(log_in):
    cookie = log_in().cookie
    for days in (10, 20):
        account_service.touch_session(
            account_service.authenticate_cookie(cookie, now=NOW + timedelta(days=days)), now=NOW + timedelta(days=days)
        )
    assert account_service.authenticate_cookie(cookie, now=NOW + timedelta(days=30, seconds=-1))
    with pytest.raises(SessionEnded):
        account_service.authenticate_cookie(cookie, now=NOW + timedelta(days=30))


def test_a_banned_user_is_refused_at_once_and_at_login(log_in, settings):
    signed_in = log_in()
    User.find(signed_in.user.id).update(status=BANNED)
    with pytest.raises(UserInactive):
        account_service.authenticate_cookie(signed_in.cookie, now=NOW)
    with pytest.raises(UserInactive):
        account_service.authenticate_bearer(signed_in.access_token, now=NOW, settings=settings)
    with pytest.raises(UserInactive):
        account_service.refresh_login(signed_in.refresh_token, now=NOW, settings=settings)
    with pytest.raises(UserInactive):
        log_in()
    with pytest.raises(BadCredentials):  # who does not know the password learns nothing
        log_in("wrong")


# failures are counted


def test_the_eleventh_try_is_refused_even_with_the_right_password(log_in):
    for number in range(10):
        with pytest.raises(BadCredentials):
            log_in("wrong", now=NOW + timedelta(seconds=number))
    with pytest.raises(TooManyAttempts) as refusal:
        log_in(now=NOW + timedelta(seconds=60))
    assert refusal.value.details == {"retry_after_seconds": 840}


def test_refused_tries_do_not_lengthen_the_wait(log_in):
    for _ in range(10):
        with pytest.raises(BadCredentials):
            log_in("wrong")
    for seconds in (1, 300, 899):
        with pytest.raises(TooManyAttempts):
            log_in("wrong", now=NOW + timedelta(seconds=seconds))
    assert log_in(now=NOW + timedelta(seconds=900))


def test_nine_failures_are_forgiven_by_a_login(log_in):
    for _ in range(2):
        for _ in range(9):
            with pytest.raises(BadCredentials):
                log_in("wrong")
        assert log_in()


def test_unknown_names_are_counted_too(log_in):
    name = f"nobody-{new_id()}"
    for _ in range(10):
        with pytest.raises(BadCredentials):
            log_in("wrong", name=name)
    with pytest.raises(TooManyAttempts):
        log_in("wrong", name=name)


def test_parallel_guesses_do_not_outrun_the_count(log_in):
    def guess(number: int) -> bool:
        try:
            log_in(f"guess {number}")
        except BadCredentials:
            return True
        except TooManyAttempts:
            return False
        raise AssertionError("a guess was right")

    with ThreadPoolExecutor(16) as threads:
        tried = sum(threads.map(guess, range(40)))
    assert tried <= 10


def test_the_count_holds_however_long_somebody_goes_on(log_in, settings):
    """A day of guessing leaves a thousand rows; the newest are those that count."""
    name, quick = f"nobody-{new_id()}", replace(settings, argon2_memory_kib=64, argon2_iterations=1)
    for window in range(96):
        now = NOW + timedelta(minutes=15 * window)
        for _ in range(10):
            with pytest.raises(BadCredentials):
                log_in("wrong", name=name, now=now, settings=quick)
        with pytest.raises(TooManyAttempts):
            log_in("wrong", name=name, now=now)


# refresh tokens rotate


def test_a_refresh_gives_a_new_pair_in_the_same_session(log_in, settings):
    first = log_in(start=MOBILE)
    second = account_service.refresh_login(first.refresh_token, now=NOW, settings=settings)
    assert second.session.id == first.session.id
    assert second.refresh_token != first.refresh_token
    account_service.authenticate_bearer(second.access_token, now=NOW, settings=settings)
    third = account_service.refresh_login(second.refresh_token, now=NOW + timedelta(days=29), settings=settings)
    assert third.session.expires_at == NOW + timedelta(days=59)


def test_a_refresh_token_used_twice_ends_every_session(log_in, settings):
    other = log_in()
    first = log_in(start=MOBILE)
    second = account_service.refresh_login(first.refresh_token, now=NOW, settings=settings)
    with pytest.raises(SessionEnded):
        account_service.refresh_login(first.refresh_token, now=NOW, settings=settings)
    for token in (first.access_token, second.access_token, other.access_token):
        with pytest.raises(SessionEnded):
            account_service.authenticate_bearer(token, now=NOW, settings=settings)
    with pytest.raises(SessionEnded):
        account_service.refresh_login(second.refresh_token, now=NOW, settings=settings)
    with pytest.raises(SessionEnded):
        account_service.authenticate_cookie(other.cookie, now=NOW)
    assert log_in()


def test_of_parallel_refreshes_one_wins_and_the_family_ends(log_in, settings):
    first = log_in(start=MOBILE)

    def refresh(_: int):
        try:
            return account_service.refresh_login(first.refresh_token, now=NOW, settings=settings)
        except SessionEnded:
            return None

    with ThreadPoolExecutor(4) as threads:
        renewed = [signed_in for signed_in in threads.map(refresh, range(4)) if signed_in]
    assert len(renewed) <= 1
    assert account_service.list_sessions(first.user.id, now=NOW) == []


def test_a_refresh_token_that_was_never_ours_ends_nothing(log_in, settings):
    first = log_in()
    with pytest.raises(Unauthenticated):
        account_service.refresh_login(first.access_token, now=NOW, settings=settings)
    assert account_service.authenticate_cookie(first.cookie, now=NOW)


# sessions are rows


def test_sessions_are_listed_newest_first_and_ended_one_by_one(log_in, settings, user):
    sessions = [log_in().session, log_in(start=MOBILE).session, log_in().session]
    listed = account_service.list_sessions(user.id, now=NOW)
    assert {row.id for row in listed} == {session.id for session in sessions}
    assert [row.id for row in listed] == sorted((row.id for row in listed), reverse=True)
    account_service.end_session(user.id, sessions[1].id, now=NOW)
    account_service.end_session(user.id, sessions[1].id, now=NOW)
    assert {row.id for row in account_service.list_sessions(user.id, now=NOW)} == {sessions[0].id, sessions[2].id}
    assert account_service.end_all_sessions(user.id, now=NOW, keep=sessions[0].id) == 1
    assert [row.id for row in account_service.list_sessions(user.id, now=NOW)] == [sessions[0].id]


def test_another_users_session_is_not_found(log_in, user):
    session = log_in().session
    with pytest.raises(NotFound):
        account_service.end_session("somebody else", session.id, now=NOW)


def test_last_use_is_written_every_ten_minutes_at_most(log_in):
    cookie = log_in().cookie
    for minutes, seen_minutes in ((9, 0), (10, 10), (19, 10), (20, 20)):
        now = NOW + timedelta(minutes=minutes)
        identity = account_service.authenticate_cookie(cookie, now=now)
        account_service.touch_session(identity, now=now)
        row = UserSession.find(identity.id, identity.session_id)
        assert row.last_seen_at == NOW + timedelta(minutes=seen_minutes)


def test_ended_sessions_are_forgotten_a_week_later(log_in, user):
    old = log_in().session
    account_service.end_session(user.id, old.id, now=NOW)
    log_in(now=NOW + timedelta(days=7))
    assert UserSession.find(user.id, old.id) is not None
    log_in(now=NOW + timedelta(days=7, seconds=1))
    assert UserSession.find(user.id, old.id) is None
