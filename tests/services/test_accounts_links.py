"""Passwords changed, forgotten and chosen for the first time; addresses confirmed; all by links that are good once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.models.accounts import BANNED, INACTIVE, OneTimeToken, User
from app.plugins import mail
from app.plugins.mail import OutgoingMail
from app.plugins.sending_queue import SHARDS, Drained
from app.services import accounts as account_service
from app.services.accounts import (
    AskedTooOften,
    BadCredentials,
    Busy,
    Credentials,
    NewAccount,
    ProofRequired,
    SessionEnded,
    SessionStart,
    TokenInvalid,
    TooManyAttempts,
    UsernameTaken,
    WrongPassword,
    contacts,
    names,
    passwords,
)
from app.utils.errors import InvalidValue
from app.utils.ids import new_id
from tests.letters import code_in, letter_by, letters_by, letters_to, token_in
from tests.people import code_to, fresh_phone, token_to

pytestmark = pytest.mark.usefixtures("app")
NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
PASSWORD, NEW = "correct horse battery", "staple it 1931 again"
MOBILE = SessionStart("mobile")
REFUSED = [("short", "8 to 128"), ("Password1", "stolen"), ("qwertyuiop", "stolen")]


def fresh_email() -> str:
    return f"dora-{new_id()}@example.com".lower()


@pytest.fixture
def joined(stores):
    """Somebody who signed up by password."""
    return account_service.sign_up(NewAccount(fresh_email(), PASSWORD), MOBILE, now=NOW, settings=stores)


@pytest.fixture
def log_in(stores):
    def enter(name, password, *, now=NOW, settings=stores):
        return account_service.log_in(Credentials(name, password), MOBILE, replaces=None, now=now, settings=settings)

    return enter


@pytest.fixture
def identity(stores):
    """Call it: who holds this login now."""
    return lambda signed_in, now=NOW: account_service.authenticate_bearer(
        signed_in.access_token, now=now, settings=stores
    )


@pytest.fixture
def reset_token():
    """Call it: the token of the link that is mailed to somebody who forgot the password."""

    def ask(email, *, now=NOW):
        return token_in(letter_by(lambda: account_service.request_reset(email, now=now), email))

    return ask


@pytest.fixture
def confirm_reset(stores):
    return lambda token, new=NEW, *, now=NOW: account_service.confirm_reset(token, new, now=now, settings=stores)


# confirming an address


def test_the_welcome_of_a_sign_up_by_password_carries_the_link_that_confirms(joined):
    letter = letters_to(joined.user.email)[f"welcome/{joined.user.id}"]
    later = NOW + timedelta(days=6, hours=23)
    assert account_service.confirm_email(token_in(letter), now=later).email_confirmed_at == later
    assert User.find(joined.user.id).email_confirmed_at == later
    with pytest.raises(TokenInvalid):
        account_service.confirm_email(token_in(letter), now=later)


def test_a_confirmation_link_is_good_for_seven_days(joined):
    letter = letters_to(joined.user.email)[f"welcome/{joined.user.id}"]
    with pytest.raises(TokenInvalid):
        account_service.confirm_email(token_in(letter), now=NOW + timedelta(days=7))


def test_a_link_for_an_earlier_address_confirms_nothing(joined):
    letter = letters_to(joined.user.email)[f"welcome/{joined.user.id}"]
    User.find(joined.user.id).update(email=fresh_email())
    with pytest.raises(TokenInvalid):
        account_service.confirm_email(token_in(letter), now=NOW)


def test_a_link_is_sent_again_five_times_an_hour(joined):
    def resend():
        account_service.resend_confirmation(User.find(joined.user.id), now=NOW)

    letters = [letter_by(resend, joined.user.email) for _ in range(5)]
    with pytest.raises(AskedTooOften) as refusal:
        resend()
    assert refusal.value.details == {"retry_after_seconds": 3600}
    account_service.confirm_email(token_in(letters[2]), now=NOW)
    assert letters_by(resend, joined.user.email) == []


def test_a_confirmation_token_resets_no_password(joined, confirm_reset):
    letter = letters_to(joined.user.email)[f"welcome/{joined.user.id}"]
    with pytest.raises(TokenInvalid):
        confirm_reset(token_in(letter))


# changing


def test_a_changed_password_ends_other_sessions_and_is_told(stores, joined, log_in, identity):
    other = log_in(joined.user.email, PASSWORD)
    me = identity(joined)
    letter = letter_by(
        lambda: account_service.change_password(me, PASSWORD, NEW, now=NOW, settings=stores), joined.user.email
    )
    assert letter.subject == "Your password was changed" and NEW not in letter.text
    assert identity(joined).id == joined.user.id
    with pytest.raises(SessionEnded):
        identity(other)
    with pytest.raises(BadCredentials):
        log_in(joined.user.email, PASSWORD)
    assert log_in(joined.user.email, NEW)


def test_a_wrong_old_password_changes_nothing_and_counts(stores, joined, log_in, identity):
    for _ in range(10):
        with pytest.raises(WrongPassword):
            account_service.change_password(identity(joined), "wrong", NEW, now=NOW, settings=stores)
    with pytest.raises(TooManyAttempts):
        account_service.change_password(identity(joined), PASSWORD, NEW, now=NOW, settings=stores)
    assert log_in(joined.user.email, PASSWORD, now=NOW + timedelta(minutes=15))


@pytest.mark.parametrize(("new", "words"), REFUSED)
def test_an_unusable_new_password_is_refused_with_its_reason(stores, joined, log_in, identity, new, words):
    with pytest.raises(InvalidValue) as refusal:
        account_service.change_password(identity(joined), PASSWORD, new, now=NOW, settings=stores)
    assert words in str(refusal.value.fields["password"])
    assert log_in(joined.user.email, PASSWORD)


def test_who_has_no_password_sets_one_after_a_recent_proof(stores, joined, log_in, identity):
    joined.user.update(password_hash=None)
    late = NOW + timedelta(minutes=11)
    with pytest.raises(WrongPassword):
        account_service.change_password(identity(joined), "guess", NEW, now=NOW, settings=stores)
    with pytest.raises(ProofRequired):
        account_service.change_password(identity(joined), None, NEW, now=late, settings=stores)
    account_service.change_password(identity(joined), None, NEW, now=NOW, settings=stores)
    assert log_in(joined.user.email, NEW)


def test_without_the_old_password_nothing_is_changed(stores, joined, identity):
    with pytest.raises(WrongPassword):
        account_service.change_password(identity(joined), None, NEW, now=NOW, settings=stores)


# resetting


def test_a_reset_ends_every_session_and_is_told(joined, log_in, identity, reset_token, confirm_reset):
    email = joined.user.email
    token = reset_token(email)
    told = letters_by(lambda: confirm_reset(token), email)
    assert [letter.subject for letter in told] == ["Your password was changed"]
    with pytest.raises(SessionEnded):
        identity(joined)
    with pytest.raises(BadCredentials):
        log_in(email, PASSWORD)
    assert log_in(email, NEW)
    assert User.find(joined.user.id).email_confirmed_at == NOW


@pytest.mark.parametrize(("after_minutes", "is_good"), [(59, True), (60, False)])
def test_a_reset_link_lives_an_hour(joined, reset_token, confirm_reset, after_minutes, is_good):
    token, later = reset_token(joined.user.email), NOW + timedelta(minutes=after_minutes)
    if is_good:
        confirm_reset(token, now=later)
    else:
        with pytest.raises(TokenInvalid):
            confirm_reset(token, now=later)


def test_a_reset_link_is_good_once_and_for_one_of_many_threads(joined, reset_token, confirm_reset):
    token = reset_token(joined.user.email)

    def attempt(number):
        try:
            confirm_reset(token, f"{NEW} {number}")
        except TokenInvalid:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(attempt, range(6))).count(True) == 1


def test_any_change_of_the_password_voids_reset_links(stores, joined, identity, reset_token, confirm_reset):
    first, second = reset_token(joined.user.email), reset_token(joined.user.email)
    account_service.change_password(identity(joined), PASSWORD, NEW, now=NOW, settings=stores)
    with pytest.raises(TokenInvalid):
        confirm_reset(first)
    third = reset_token(joined.user.email)
    confirm_reset(third)
    with pytest.raises(TokenInvalid):
        confirm_reset(second)


@pytest.mark.parametrize(("new", "words"), REFUSED)
def test_a_refused_password_leaves_the_reset_link_good(joined, reset_token, confirm_reset, new, words):
    token = reset_token(joined.user.email)
    with pytest.raises(InvalidValue) as refusal:
        confirm_reset(token, new)
    assert words in str(refusal.value.fields["password"])
    confirm_reset(token)


def test_a_reset_ends_changes_of_contact_that_wait(stores, joined, reset_token, confirm_reset):
    """Who had got in could have asked for an address or number of their own, and confirmed it afterwards."""
    user = joined.user.update(email_confirmed_at=NOW)
    email, phone = fresh_email(), fresh_phone()
    contacts.request_email(user, email, now=NOW, settings=stores)
    contacts.request_phone(user, phone, now=NOW, settings=stores)
    link, code = token_to(email, "email_to_confirm"), code_to(phone)
    confirm_reset(reset_token(user.email))
    with pytest.raises(TokenInvalid):
        contacts.confirm_email(link, now=NOW)
    with pytest.raises(contacts.BadCode):
        contacts.confirm_phone(User.find(user.id), code, now=NOW, settings=stores)
    standing = User.find(user.id)
    assert (standing.email, standing.phone) == (user.email, None)


def test_a_reset_opens_a_locked_door(joined, log_in, reset_token, confirm_reset):
    for _ in range(10):
        with pytest.raises(BadCredentials):
            log_in(joined.user.email, "wrong")
    confirm_reset(reset_token(joined.user.email))
    assert log_in(joined.user.email, NEW)


def test_a_reset_of_an_unproved_address_voids_what_a_stranger_set(stores, joined, reset_token, confirm_reset):
    phone = f"+1415{int(new_id()[-6:], 36) % 8_000_000 + 2_000_000:07d}"
    contacts.request_phone(joined.user, phone, now=NOW, settings=stores)
    assert contacts.confirm_phone(joined.user, code_to(phone), now=NOW, settings=stores).phone == phone
    confirm_reset(reset_token(joined.user.email))
    assert User.find(joined.user.id).phone is None


def test_the_username_does_as_well(stores, confirm_reset, log_in):
    email, name = fresh_email(), f"dora-{new_id()}".lower()
    account_service.register(NewAccount(email, PASSWORD, name), now=NOW, settings=stores)
    letter = letter_by(lambda: account_service.request_reset(name.upper(), now=NOW), email)
    assert name in letter.text
    confirm_reset(token_in(letter))
    assert log_in(name, NEW)


@pytest.mark.parametrize("why", ["unknown", "banned", "inactive", "too often"])
def test_where_nothing_may_be_sent_the_same_is_done_and_nothing_is_sent(joined, why):
    email = joined.user.email if why != "unknown" else fresh_email()
    if why in (BANNED, INACTIVE):
        joined.user.update(status=why)
    if why == "too often":
        for _ in range(5):
            account_service.request_reset(email, now=NOW)
    before = decoys()
    assert letters_by(lambda: account_service.request_reset(email, now=NOW), email) == []
    (decoy,) = [row for key, row in decoys().items() if key not in before]
    assert decoy.expires_at == decoy.due_at == NOW
    assert email not in str(vars(decoy))
    while mail.drain(NOW) != Drained():  # what other tests left waits in the same queue
        pass
    assert decoy.mail_key not in decoys()
    assert mail.MailDelivery.find(decoy.mail_key) is None


def test_a_decoys_link_resets_nobodys_password(confirm_reset):
    before = decoys()
    account_service.request_reset(fresh_email(), now=NOW)
    (decoy,) = [row for key, row in decoys().items() if key not in before]
    with pytest.raises(TokenInvalid):
        confirm_reset(token_in(decoy))


def decoys():
    rows = (row for shard in range(SHARDS) for row in OutgoingMail.objects(shard=shard).limit(10_000))
    return {row.mail_key: mail.opened(row) for row in rows if row.recipient == "nobody@localhost"}


def test_no_link_is_kept_in_clear_beside_its_row(joined, reset_token):
    token = reset_token(joined.user.email)
    rows = [row for row in OneTimeToken.objects().limit(100_000) if row.subject == joined.user.id]
    assert rows and token not in str([dict(row) for row in rows])


# accounts made for somebody


@pytest.fixture
def made(stores):
    """An account that its person has not taken over yet, and its letter."""
    email = fresh_email()
    letter = letter_by(
        lambda: account_service.create_unactivated(email, "Dora", "Day", now=NOW, settings=stores), email
    )
    return email, letter


def test_a_visitor_made_account_logs_in_after_its_activation_only(stores, made, log_in):
    """accounts.md, acceptance 5, the part of the account."""
    email, letter = made
    for password in ("", PASSWORD):
        with pytest.raises(BadCredentials):
            log_in(email, password)
    later = NOW + timedelta(days=6)
    user = account_service.activate(token_in(letter), PASSWORD, now=later, settings=stores)
    assert (user.status, user.awaits_activation, user.email_confirmed_at) == ("active", False, later)
    assert log_in(email, PASSWORD).user.id == user.id
    with pytest.raises(TokenInvalid):
        account_service.activate(token_in(letter), NEW, now=later, settings=stores)


def test_a_code_does_not_open_it_before(stores, made):
    email, _ = made
    letter = letter_by(lambda: account_service.send_code(email, "login", now=NOW, settings=stores), email)
    token = account_service.verify_code(email, code_in(letter), now=NOW, settings=stores)
    with pytest.raises(account_service.UserInactive):
        account_service.log_in_by_code(token, MOBILE, replaces=None, now=NOW, settings=stores)


def test_an_activation_link_lives_seven_days_and_another_is_had_by_asking_for_a_reset(stores, made, log_in):
    email, letter = made
    late = NOW + timedelta(days=7)
    with pytest.raises(TokenInvalid):
        account_service.activate(token_in(letter), PASSWORD, now=late, settings=stores)
    again = letter_by(lambda: account_service.request_reset(email, now=late), email)
    assert again.subject == "Your account is waiting for you"
    account_service.activate(token_in(again), PASSWORD, now=late, settings=stores)
    assert log_in(email, PASSWORD, now=late)


@pytest.mark.parametrize(("password", "words"), REFUSED)
def test_a_refused_password_leaves_the_activation_link_good(stores, made, password, words):
    _, letter = made
    with pytest.raises(InvalidValue) as refusal:
        account_service.activate(token_in(letter), password, now=NOW, settings=stores)
    assert words in str(refusal.value.fields["password"])
    account_service.activate(token_in(letter), PASSWORD, now=NOW, settings=stores)


@pytest.mark.parametrize("status", [BANNED, "active"])
def test_an_account_that_staff_have_decided_about_is_not_activated(stores, made, status):
    email, letter = made
    user = User.find(names.find_holder(email))
    user.update(status=status, awaits_activation=status == BANNED)
    with pytest.raises(TokenInvalid):
        account_service.activate(token_in(letter), PASSWORD, now=NOW, settings=stores)


def test_with_a_taken_address_the_names_make_the_username(stores, joined):
    tail = new_id()
    user = account_service.create_unactivated(joined.user.email, "Ida", f"Day {tail}", now=NOW, settings=stores)
    assert (user.username, user.email) == (f"ida_day_{tail}".lower(), joined.user.email)
    assert names.find_holder(joined.user.email) == joined.user.id
    with pytest.raises(UsernameTaken):
        account_service.create_unactivated(joined.user.email, "Ida", f"Day {tail}", now=NOW, settings=stores)


def test_an_account_without_password_is_not_made_by_signing_up(stores):
    with pytest.raises(InvalidValue) as refusal:
        account_service.register(NewAccount(fresh_email()), now=NOW, settings=stores)
    assert list(refusal.value.fields) == ["password"]


# hashing in turn


def test_a_login_turned_away_at_the_gate_is_not_counted(stores, joined, log_in):
    narrow = replace(stores, argon2_at_once=1, argon2_waiting=0)
    with passwords._gate(1, 0, False).passing():
        for _ in range(12):
            with pytest.raises(Busy):
                log_in(joined.user.email, PASSWORD, settings=narrow)
    assert log_in(joined.user.email, PASSWORD, settings=narrow)
