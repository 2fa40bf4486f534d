"""A new email or phone: nothing changes before the new end's word, the old end undoes it, and races have one winner."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.models.accounts import ContactChange, LoginName, User
from app.services import accounts as account_service
from app.services.accounts import (
    ContactTaken,
    Credentials,
    SessionStart,
    TokenInvalid,
    TooManyAttempts,
    contacts,
    names,
)
from app.services.accounts.contacts import BadCode
from app.utils.errors import InvalidValue
from tests.people import NOW, PASSWORD, code_to, fresh_email, fresh_phone, mails_to, make_person, token_to

pytestmark = pytest.mark.usefixtures("app")
WEEK = timedelta(days=7)


def ask_for_email(settings, user, email, *, now=NOW) -> str:
    """The change is asked for; returns the secret that the new address got."""
    contacts.request_email(User.find(user.id), email, now=now, settings=settings)
    return token_to(email, "email_to_confirm")


def can_log_in(settings, email, now=NOW) -> bool:
    try:
        credentials = Credentials(email, PASSWORD)
        account_service.log_in(credentials, SessionStart(), replaces=None, now=now, settings=settings)
    except account_service.BadCredentials:
        return False
    return True


# email


def test_an_email_changes_when_the_new_end_confirms(settings):
    user, new = make_person(settings), fresh_email()
    token = ask_for_email(settings, user, new)
    assert User.find(user.id).email == user.email
    assert contacts.pending(user.id, now=NOW).email == new
    contacts.confirm_email(token, now=NOW)
    changed = User.find(user.id)
    assert (changed.email, changed.username, changed.email_confirmed_at) == (new, new, NOW)
    assert contacts.pending(user.id, now=NOW).email == ""
    assert can_log_in(settings, new)
    assert not can_log_in(settings, user.email)


def test_an_own_username_stays(settings):
    user, new = make_person(settings, username=f"ann-{fresh_email()[:30].split('@')[0]}"), fresh_email()
    contacts.confirm_email(ask_for_email(settings, user, new), now=NOW)
    changed = User.find(user.id)
    assert (changed.email, changed.username) == (new, user.username)
    assert LoginName.find(f"username:{new}") is None


def test_a_link_is_good_once_and_for_a_day(settings):
    user, first, second = make_person(settings), fresh_email(), fresh_email()
    token = ask_for_email(settings, user, first)
    contacts.confirm_email(token, now=NOW)
    with pytest.raises(TokenInvalid):
        contacts.confirm_email(token, now=NOW)
    late = ask_for_email(settings, user, second)
    with pytest.raises(TokenInvalid):
        contacts.confirm_email(late, now=NOW + timedelta(hours=24))
    assert User.find(user.id).email == first


def test_a_newer_wish_makes_the_older_void(settings):
    user = make_person(settings)
    older = ask_for_email(settings, user, fresh_email())
    newest = fresh_email()
    newer = ask_for_email(settings, user, newest, now=NOW + timedelta(minutes=1))
    with pytest.raises(TokenInvalid):
        contacts.confirm_email(older, now=NOW + timedelta(minutes=2))
    assert contacts.confirm_email(newer, now=NOW + timedelta(minutes=2)).email == newest


def test_an_address_of_somebody_else_is_answered_alike_and_gets_no_link(settings):
    other, user = make_person(settings), make_person(settings)
    contacts.request_email(user, other.email, now=NOW, settings=settings)
    told = mails_to(other.email)[-1]
    assert told.mail_key.startswith("email_in_use/") and "#token" not in told.text
    assert user.email not in told.text


def test_the_same_address_and_no_address_are_refused(settings):
    user = make_person(settings)
    for email in (user.email.upper(), "ann at example.com"):
        with pytest.raises(InvalidValue):
            contacts.request_email(user, email, now=NOW, settings=settings)


def test_somebody_asks_five_times_an_hour_at_most(settings):
    user = make_person(settings)
    for minute in range(5):
        contacts.request_email(user, fresh_email(), now=NOW + timedelta(minutes=minute), settings=settings)
    with pytest.raises(TooManyAttempts):
        contacts.request_email(user, fresh_email(), now=NOW + timedelta(minutes=59), settings=settings)
    contacts.request_email(user, fresh_email(), now=NOW + timedelta(minutes=61), settings=settings)


def test_of_many_who_want_one_address_one_has_it(settings):
    new = fresh_email()
    people = [make_person(settings) for _ in range(6)]
    tokens = [ask_for_email(settings, person, new) for person in people]

    def confirm(token):
        try:
            return contacts.confirm_email(token, now=NOW).id
        except ContactTaken:
            return None

    with ThreadPoolExecutor(6) as threads:
        winners = [winner for winner in threads.map(confirm, tokens) if winner]
    assert len(winners) == 1
    carrying = [person.id for person in people if User.find(person.id).email == new]
    assert carrying == winners == [names.find_holder(new)]
    for person in people:
        if person.id not in winners:
            assert names.find_holder(person.email) == person.id


def test_one_link_pressed_by_many_at_once_changes_once(settings):
    user, new = make_person(settings), fresh_email()
    token = ask_for_email(settings, user, new)

    def confirm(_):
        try:
            return contacts.confirm_email(token, now=NOW).email
        except TokenInvalid:
            return new

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(confirm, range(4))) == {new}
    assert names.find_holder(new) == user.id


# the old end


def undo_token(user):
    return token_to(user.email, "contact_changing")


def test_the_old_end_undoes_a_change_and_ends_every_login(settings):
    user, new = make_person(settings), fresh_email()
    contacts.confirm_email(ask_for_email(settings, user, new), now=NOW)
    assert can_log_in(settings, new)
    later = NOW + WEEK - timedelta(seconds=1)
    contacts.undo(undo_token(user), now=later, settings=settings)
    restored = User.find(user.id)
    assert (restored.email, restored.username) == (user.email, user.username)
    assert account_service.list_sessions(user.id, now=NOW) == []
    assert can_log_in(settings, user.email, later)
    assert not can_log_in(settings, new, later)
    with pytest.raises(TokenInvalid):
        contacts.undo(undo_token(user), now=later, settings=settings)


def test_the_old_end_stops_a_change_that_nobody_confirmed_yet(settings):
    user, new = make_person(settings), fresh_email()
    token = ask_for_email(settings, user, new)
    contacts.undo(undo_token(user), now=NOW, settings=settings)
    with pytest.raises(TokenInvalid):
        contacts.confirm_email(token, now=NOW)
    assert User.find(user.id).email == user.email


def test_a_week_later_the_old_end_has_no_say_and_the_old_address_is_free(settings):
    user, new = make_person(settings), fresh_email()
    token = ask_for_email(settings, user, new)
    contacts.confirm_email(token, now=NOW)
    with pytest.raises(TokenInvalid):
        contacts.undo(undo_token(user), now=NOW + WEEK, settings=settings)
    with pytest.raises(account_service.UsernameTaken):
        make_person(settings, email=user.email, now=NOW + WEEK - timedelta(seconds=1))
    heir = make_person(settings, email=user.email, now=NOW + WEEK)
    assert names.find_holder(user.email) == heir.id


def test_a_thief_cannot_undo_the_undoing(settings):
    owner = make_person(settings)
    first, second = fresh_email(), fresh_email()
    contacts.confirm_email(ask_for_email(settings, owner, first), now=NOW)
    later = NOW + timedelta(minutes=1)
    contacts.confirm_email(ask_for_email(settings, owner, second, now=later), now=later)
    thief = token_to(first, "contact_changing")
    contacts.undo(undo_token(owner), now=later, settings=settings)
    assert User.find(owner.id).email == owner.email
    with pytest.raises(TokenInvalid):
        contacts.undo(thief, now=later, settings=settings)


def test_confirming_and_undoing_at_once_ends_with_the_old_address(settings):
    for _ in range(5):
        user, new = make_person(settings), fresh_email()
        token, stop = ask_for_email(settings, user, new), undo_token(user)

        def confirm(token=token):
            try:
                contacts.confirm_email(token, now=NOW)
            except TokenInvalid:
                return

        with ThreadPoolExecutor(2) as threads:
            both = [
                threads.submit(confirm),
                threads.submit(contacts.undo, stop, now=NOW, settings=settings),
            ]
            for each in both:
                each.result()
        assert User.find(user.id).email == user.email
        assert names.find_holder(user.email) == user.id


# what a crash leaves


def test_a_crash_after_the_names_were_claimed_leaves_a_working_login(settings):
    user, new = make_person(settings), fresh_email()
    token = ask_for_email(settings, user, new)
    names.claim(names.EMAIL, new, user.id, now=NOW)
    names.claim(names.USERNAME, new, user.id, now=NOW)
    for kind in (names.EMAIL, names.USERNAME):
        names.hold(kind, user.email, user.id, until=NOW + WEEK)
    assert can_log_in(settings, user.email)
    assert contacts.confirm_email(token, now=NOW + timedelta(hours=1)).email == new


def test_a_crash_after_the_row_was_written_is_finished_by_the_link(settings):
    user, new = make_person(settings), fresh_email()
    token = ask_for_email(settings, user, new)
    for kind in (names.EMAIL, names.USERNAME):
        names.claim(kind, new, user.id, now=NOW)
        names.hold(kind, user.email, user.id, until=NOW + WEEK)
    User.find(user.id).update(email=new, username=new)
    assert contacts.confirm_email(token, now=NOW + timedelta(hours=1)).email == new
    assert all(LoginName.find(f"{kind}:{new}").is_settled for kind in (names.EMAIL, names.USERNAME))
    contacts.undo(undo_token(user), now=NOW + timedelta(hours=2), settings=settings)
    assert User.find(user.id).email == user.email


def test_who_slept_while_the_name_was_taken_over_keeps_the_old_address(settings):
    user, other, new = make_person(settings), make_person(settings), fresh_email()
    token = ask_for_email(settings, user, new)
    names.claim(names.EMAIL, new, user.id, now=NOW)
    assert names.claim(names.EMAIL, new, other.id, now=NOW + timedelta(minutes=1))
    with pytest.raises(ContactTaken):
        contacts.confirm_email(token, now=NOW + timedelta(minutes=1))
    assert User.find(user.id).email == user.email
    assert can_log_in(settings, user.email)


# phone


def test_a_phone_changes_when_its_code_comes_back(settings):
    user, phone = make_person(settings), fresh_phone()
    contacts.request_phone(user, phone, now=NOW, settings=settings)
    assert User.find(user.id).phone is None
    assert contacts.confirm_phone(user, code_to(phone), now=NOW, settings=settings).phone == phone
    assert names.is_anothers(names.PHONE, phone, "somebody", now=NOW)
    contacts.undo(undo_token(user), now=NOW, settings=settings)
    assert User.find(user.id).phone is None


def test_five_wrong_codes_and_it_is_dead(settings):
    user, phone = make_person(settings), fresh_phone()
    contacts.request_phone(user, phone, now=NOW, settings=settings)
    right = code_to(phone)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(BadCode):
            contacts.confirm_phone(user, wrong, now=NOW, settings=settings)
    with pytest.raises(TooManyAttempts):
        contacts.confirm_phone(user, right, now=NOW, settings=settings)


def test_parallel_guesses_do_not_outrun_the_count(settings):
    user, phone = make_person(settings), fresh_phone()
    contacts.request_phone(user, phone, now=NOW, settings=settings)
    wrong = f"{(int(code_to(phone)) + 1) % 1_000_000:06d}"

    def guess(_):
        try:
            contacts.confirm_phone(user, wrong, now=NOW, settings=settings)
        except (BadCode, TooManyAttempts) as refusal:
            return refusal.code

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(guess, range(12)))
    assert answers.count("bad_code") <= 5


def test_a_code_is_good_for_five_minutes_and_for_its_own_change(settings):
    user, first, second = make_person(settings), fresh_phone(), fresh_phone()
    contacts.request_phone(user, first, now=NOW, settings=settings)
    old_code = code_to(first)
    with pytest.raises(BadCode):
        contacts.confirm_phone(user, old_code, now=NOW + timedelta(minutes=5), settings=settings)
    contacts.request_phone(user, second, now=NOW + timedelta(seconds=1), settings=settings)
    if old_code != code_to(second):
        with pytest.raises(BadCode):
            contacts.confirm_phone(user, old_code, now=NOW + timedelta(seconds=2), settings=settings)


def test_a_phone_of_somebody_else_gets_no_code(settings):
    owner, user, phone = make_person(settings), make_person(settings), fresh_phone()
    contacts.request_phone(owner, phone, now=NOW, settings=settings)
    contacts.confirm_phone(owner, code_to(phone), now=NOW, settings=settings)
    contacts.request_phone(user, phone, now=NOW, settings=settings)
    row = next(row for row in ContactChange.objects(user_id=user.id, kind="phone"))
    assert row.code_hash is None
    for guess in ("000000", ""):
        with pytest.raises(BadCode):
            contacts.confirm_phone(user, guess, now=NOW, settings=settings)


def test_of_many_who_confirm_one_number_one_has_it(settings):
    phone = fresh_phone()
    people = []
    for n in range(5):
        person = make_person(settings)
        contacts.request_phone(person, phone, now=NOW + timedelta(milliseconds=n), settings=settings)
        people.append((person, code_to(phone)))

    def confirm(given):
        try:
            return contacts.confirm_phone(given[0], given[1], now=NOW, settings=settings).id
        except ContactTaken:
            return None

    with ThreadPoolExecutor(5) as threads:
        winners = [winner for winner in threads.map(confirm, people) if winner]
    assert len(winners) == 1
    assert [person.id for person, _ in people if User.find(person.id).phone == phone] == winners


# the profile


def test_a_phone_in_the_profile_waits_to_be_confirmed(settings):
    user, phone = make_person(settings), fresh_phone()
    changed = account_service.change_profile(user.id, {"phone": phone, "city": "Ulm"}, now=NOW, settings=settings)
    assert (changed.phone, changed.city) == (None, "Ulm")
    assert account_service.view_profile(changed, now=NOW).pending.phone == phone
    contacts.confirm_phone(changed, code_to(phone), now=NOW, settings=settings)
    same = account_service.change_profile(user.id, {"phone": phone}, now=NOW, settings=settings)
    assert (same.phone, contacts.pending(user.id, now=NOW).phone) == (phone, "")


def test_a_phone_removed_in_the_profile_can_be_brought_back(settings):
    user, phone = make_person(settings), fresh_phone()
    contacts.request_phone(user, phone, now=NOW, settings=settings)
    user = contacts.confirm_phone(user, code_to(phone), now=NOW, settings=settings)
    later = NOW + timedelta(minutes=1)
    assert account_service.change_profile(user.id, {"phone": None}, now=later, settings=settings).phone is None
    contacts.undo(undo_token(user), now=later, settings=settings)
    assert User.find(user.id).phone == phone


def test_a_bad_value_beside_a_phone_sends_no_code(settings):
    user, phone = make_person(settings), fresh_phone()
    with pytest.raises(InvalidValue):
        account_service.change_profile(user.id, {"phone": phone, "time_zone": "Moon"}, now=NOW, settings=settings)
    assert contacts.pending(user.id, now=NOW).phone == ""
