"""Who is told of a login from where they have never been, and of one that somebody tries again and again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.models.accounts import User
from app.services import accounts as account_service
from app.services.accounts import (
    BadCredentials,
    Credentials,
    NewAccount,
    SecondFactorGiven,
    SecondFactorRequired,
    SessionStart,
    TokenInvalid,
    TooManyAttempts,
    activation,
    second_login,
)
from app.services.accounts.new_devices import shown_device
from app.services.accounts.second_step import BadCode
from tests.factor_people import LATER, NOW, PASSWORD, ask_for_second_step, make_person, turn_on_app, wrong
from tests.letters import letters_by, letters_to, token_in
from tests.people import fresh_email

pytestmark = pytest.mark.usefixtures("app")
UA = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
HOME = SessionStart("browser", UA, "192.0.2.1")
APP = SessionStart("mobile", "Ann's phone", "192.0.2.1")
DAY = timedelta(days=1)


@pytest.fixture
def ann(settings):
    """Somebody who signed up on the phone."""
    account = NewAccount(fresh_email(), PASSWORD, first_name="Ann")
    return account_service.sign_up(account, APP, now=NOW, settings=settings).user


@pytest.fixture
def told(settings):
    """Call it: the subjects of the letters that a login leaves."""

    def enter(user, start, *, now=LATER):
        def log_in():
            credentials = Credentials(user.email, PASSWORD)
            account_service.log_in(credentials, start, replaces=None, now=now, settings=settings)

        return [letter.subject for letter in letters_by(log_in, user.email)]

    return enter


def test_a_browser_that_is_not_familiar_is_told_of_with_name_time_and_where_to_end_it(settings, ann, told):
    assert told(ann, HOME) == ["A login from Firefox on Linux"]
    (letter,) = [row for key, row in letters_to(ann.email).items() if key.startswith("new_device/")]
    for body in (letter.text, letter.html):
        assert "Ann, somebody has logged in to your account from Firefox on Linux on 5 January 2026, 12:02 UTC" in body
        assert f"{settings.site_url}/account/sessions" in body


def test_a_familiar_browser_is_not_told_of_and_one_of_somebody_else_is(ann, told):
    assert told(ann, replace(HOME, familiar_to=ann.id)) == []
    assert told(ann, replace(HOME, familiar_to="0" * 27)) == ["A login from Firefox on Linux"]


def test_an_app_is_known_by_name_and_address(ann, told):
    assert told(ann, APP) == []
    assert told(ann, replace(APP, address="192.0.2.2")) == ["A login from Ann's phone"]
    assert told(ann, replace(APP, address="192.0.2.2")) == []
    assert told(ann, replace(APP, device_name="Another phone")) == ["A login from Another phone"]


def test_a_long_name_is_known_again(ann, told):
    long = replace(APP, device_name="x" * 200)
    assert told(ann, long) == [f"A login from {'x' * 40}"]
    assert told(ann, long) == []


def test_the_very_first_login_is_told_to_nobody(settings, told):
    user = account_service.register(NewAccount(fresh_email(), PASSWORD), now=NOW, settings=settings)
    assert told(user, HOME) == []
    assert told(user, HOME) == ["A login from Firefox on Linux"]
    email = fresh_email()
    (letter,) = letters_by(
        lambda: activation.create_unactivated(email, "Ida", "Rot", now=NOW, settings=settings), email
    )
    made = activation.activate(token_in(letter), PASSWORD, now=NOW, settings=settings)
    assert told(made, HOME) == []


def test_who_comes_back_after_a_long_time_is_told(ann, told):
    told(ann, HOME)
    later = NOW + timedelta(days=120)
    assert told(ann, replace(HOME, device_name="Safari/1 iPhone"), now=later) == ["A login from Safari on iPhone"]


def test_five_a_day_are_told_and_then_none(ann, told):
    subjects = [told(ann, replace(APP, device_name=f"phone {number}")) for number in range(7)]
    assert [len(one) for one in subjects] == [1, 1, 1, 1, 1, 0, 0]
    assert told(ann, replace(APP, device_name="phone 8"), now=LATER + DAY) == ["A login from phone 8"]


def test_a_login_that_waits_for_its_second_step_is_told_of_when_it_is_complete(settings, ann):
    person = make_person(settings)
    app, _ = turn_on_app(person, settings)

    def begin(start):
        with pytest.raises(SecondFactorRequired) as refusal:
            credentials = Credentials(person.email, PASSWORD)
            account_service.log_in(credentials, start, replaces=None, now=LATER, settings=settings)
        return refusal.value.details["ticket"]

    def finish(ticket, now):
        given = SecondFactorGiven("totp", app.at(now))
        second_login.finish(ticket, given, replaces=None, now=now, settings=settings)

    tickets = []
    assert letters_by(lambda: tickets.append(begin(HOME)), person.email) == []
    (letter,) = letters_by(lambda: finish(tickets[0], LATER), person.email)
    assert letter.subject == "A login from Firefox on Linux"
    ticket = begin(replace(HOME, familiar_to=person.id))
    assert letters_by(lambda: finish(ticket, LATER + timedelta(minutes=1)), person.email) == []


def fail(name, settings, *, now=LATER):
    credentials = Credentials(name, "a guess at it")
    with pytest.raises((BadCredentials, TooManyAttempts)) as refusal:
        account_service.log_in(credentials, SessionStart(), replaces=None, now=now, settings=settings)
    return refusal.value.code


def test_who_is_locked_out_by_failures_is_told_once_a_day(settings, ann):
    first = letters_by(
        lambda: [fail(ann.email, settings) for _ in range(settings.login_failures_allowed - 1)], ann.email
    )
    assert first == []
    (letter,) = letters_by(lambda: fail(ann.email, settings), ann.email)
    assert letter.subject == "Somebody tries to log in to your account"
    assert "gave wrong passwords for your account until we stopped it, on 5 January 2026, 12:02 UTC" in letter.text
    window = timedelta(seconds=settings.login_failures_window_seconds)
    for later in (LATER, LATER + window):
        again = letters_by(lambda now=later: [fail(ann.email, settings, now=now) for _ in range(11)], ann.email)
        assert again == []
    next_day = LATER + DAY + window
    assert len(letters_by(lambda: [fail(ann.email, settings, now=next_day) for _ in range(10)], ann.email)) == 1


def test_a_name_that_nobody_has_does_the_same_and_sends_nothing(settings):
    name = fresh_email()
    decoys = letters_by(
        lambda: [fail(name, settings) for _ in range(settings.login_failures_allowed + 1)], "nobody@localhost"
    )
    assert [(letter.subject, letter.expires_at) for letter in decoys] == [
        ("Somebody tries to log in to your account", LATER)
    ]
    assert letters_to(name) == {}


def test_who_failed_at_the_second_step_alone_is_told_with_the_urgent_words(settings):
    person = make_person(settings)
    app, _ = turn_on_app(person, settings)
    ticket = ask_for_second_step(person, settings)["ticket"]

    def guess():
        given = SecondFactorGiven("totp", wrong(app.at(LATER)))
        with pytest.raises((BadCode, TokenInvalid)):
            second_login.finish(ticket, given, replaces=None, now=LATER, settings=settings)

    assert letters_by(lambda: [guess() for _ in range(4)], person.email) == []
    (letter,) = letters_by(lambda: [guess() for _ in range(2)], person.email)
    assert "passed the first step of a login to your account" in letter.text


def test_who_has_no_address_is_told_by_phone(settings, told):
    user = account_service.register(NewAccount(fresh_email(), PASSWORD), now=NOW, settings=settings)
    number = "+12175550177"
    user.update(phone=number, phone_confirmed_at=NOW, last_login_at=NOW)
    credentials = Credentials(user.username, PASSWORD)
    User.find(user.id).update(email=None)
    (text,) = letters_by(
        lambda: account_service.log_in(credentials, HOME, replaces=None, now=LATER, settings=settings), number
    )
    assert "Firefox on Linux, 5 January 2026, 12:02 UTC" in text.text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (UA, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140 Safari/537 Edg/140", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15) AppleWebKit/605 Version/26 Safari/605", "Safari on Mac OS X"),
        ("Ann's phone", "Ann's phone"),
        ("call us at https://evil.example/now", "call us at https evil example now"),
        ("<b>x</b>\r\nBcc: a@b", "b x b Bcc a b"),
        ("", "an unknown device"),
        ("...", "an unknown device"),
    ],
)
def test_what_a_mail_calls_a_device(name, shown):
    assert shown_device(name) == shown
