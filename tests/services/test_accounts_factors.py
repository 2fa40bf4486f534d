"""The authenticator app, recovery codes and the second step, against the real store."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from zlib import crc32

import pyotp
import pytest

from app.elastic import INDEXES
from app.models.accounts import OneTimeToken, SecondFactor, User, UserSession
from app.plugins.mail import OutgoingMail
from app.plugins.mail.tables import SHARDS
from app.services import accounts as account_service
from app.services.accounts import (
    BadCredentials,
    Credentials,
    EnrolmentRequired,
    FreshProof,
    ProofRequired,
    SecondFactorGiven,
    TokenInvalid,
    TooManyAttempts,
    recovery,
    second_login,
    second_step,
    totp,
)
from app.services.accounts.forgetting import forget_factors
from app.services.accounts.second_step import BadCode, ContactUnconfirmed, NoSecondFactor
from app.services.accounts.tokens import secret_hash
from app.services.accounts.totp import FactorActive
from app.utils.errors import NotFound
from app.utils.ids import new_id
from tests.factor_people import (
    LATER,
    NOW,
    PHONE,
    STEP,
    ask_for_second_step,
    log_in,
    mails_of,
    make_person,
    turn_on_app,
    unconfirmed,
    wrong,
)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def ann(settings):
    return make_person(settings)


@pytest.fixture
def ticket_of(settings):
    return lambda person, **given: ask_for_second_step(person, settings, **given)["ticket"]


@pytest.fixture
def app_of(settings):
    return lambda person, now=NOW: turn_on_app(person, settings, now=now)


@pytest.fixture
def finish(settings):
    def finish(ticket, method, code, *, now=LATER):
        given = SecondFactorGiven(method, code)
        return second_login.finish(ticket, given, replaces=None, now=now, settings=settings)

    return finish


# setting up and removing


def test_an_app_is_on_after_its_first_code_only(ann, settings):
    enrolment = totp.enrol(ann, now=NOW, settings=settings)
    assert enrolment.uri.startswith("otpauth://totp/Marketplace:ann-") and f"secret={enrolment.secret}" in enrolment.uri
    assert len(enrolment.secret) == 32 and "issuer=Marketplace" in enrolment.uri
    assert enrolment.picture.startswith("<svg") and "<script" not in enrolment.picture
    assert log_in(ann, settings).user.id == ann.id
    with pytest.raises(BadCode):
        totp.confirm(ann, wrong(pyotp.TOTP(enrolment.secret).at(NOW)), now=NOW, settings=settings)
    assert log_in(ann, settings).user.id == ann.id
    codes = totp.confirm(ann, pyotp.TOTP(enrolment.secret).at(NOW), now=NOW, settings=settings)
    assert len(set(codes)) == 10
    ask_for_second_step(ann, settings)


def test_a_second_secret_replaces_one_that_was_not_confirmed(ann, settings):
    first = totp.enrol(ann, now=NOW, settings=settings)
    second = totp.enrol(ann, now=NOW, settings=settings)
    with pytest.raises(BadCode):
        totp.confirm(ann, pyotp.TOTP(first.secret).at(NOW), now=NOW, settings=settings)
    totp.confirm(ann, pyotp.TOTP(second.secret).at(NOW), now=NOW, settings=settings)
    for again in (
        lambda: totp.enrol(ann, now=NOW, settings=settings),
        lambda: totp.confirm(ann, "1", now=NOW, settings=settings),
    ):
        with pytest.raises(FactorActive):
            again()


def test_no_app_is_set_up_before_an_address_or_number_is_confirmed(ann, settings):
    before = totp.enrol(ann, now=NOW, settings=settings)
    nobody = unconfirmed(ann)
    for refused in (
        lambda: totp.enrol(nobody, now=NOW, settings=settings),
        lambda: totp.confirm(nobody, pyotp.TOTP(before.secret).at(NOW), now=NOW, settings=settings),
    ):
        with pytest.raises(ContactUnconfirmed):
            refused()
    caller = replace(nobody, user=nobody.user.update(phone="+12175550124", phone_confirmed_at=NOW))
    assert turn_on_app(caller, settings)[1]


def test_nothing_is_confirmed_that_was_not_enrolled(ann, settings):
    with pytest.raises(NoSecondFactor):
        totp.confirm(ann, "123456", now=NOW, settings=settings)


def test_of_two_confirmations_one_hands_out_codes(ann, settings, finish, ticket_of):
    app = pyotp.TOTP(totp.enrol(ann, now=NOW, settings=settings).secret)

    def confirm(_):
        try:
            return totp.confirm(ann, app.at(NOW), now=NOW, settings=settings)
        except (BadCode, FactorActive):
            return None

    with ThreadPoolExecutor(4) as pool:
        handed_out = [codes for codes in pool.map(confirm, range(4)) if codes]
    assert len(handed_out) == 1
    assert finish(ticket_of(ann), "recovery", handed_out[0][3]).user.id == ann.id


def test_the_secret_is_sealed_and_nothing_shows_it(ann, app_of, settings):
    enrolment = totp.enrol(ann, now=NOW, settings=settings)
    codes = totp.confirm(ann, pyotp.TOTP(enrolment.secret).at(NOW), now=NOW, settings=settings)
    row = SecondFactor.find(ann.id)
    kept = repr(dict(row)) + repr(row) + str(row)
    for secret in (enrolment.secret, *codes, *(recovery.read(code) for code in codes)):
        assert secret not in kept
    assert enrolment.secret not in repr(enrolment)
    assert "argon2id" not in repr(row) + str(row)
    assert codes[0] not in repr(SecondFactorGiven("recovery", codes[0])) + repr(FreshProof(code=codes[0]))


def test_no_table_of_factors_is_mirrored():
    names = {"second_factor", "passkey", "passkey_credential", "federated_identity", "federated_link", "one_time_token"}
    assert not names & set(INDEXES)


def test_removing_the_app_removes_the_recovery_codes(ann, app_of, settings):
    app_of(ann)
    totp.remove(ann, now=NOW)
    assert log_in(ann, settings).session.second_factor_at is None
    row = SecondFactor.find(ann.id)
    assert (row.totp_sealed, row.totp_confirmed_at, row.recovery_hashes or None) == (None, None, None)
    with pytest.raises(NotFound):
        totp.remove(ann, now=NOW)
    app_of(ann, LATER)


def test_people_are_told_of_what_was_added_and_removed(ann, app_of, settings):
    app_of(ann)
    recovery.renew(ann, now=LATER, settings=settings)
    totp.remove(ann, now=LATER)
    subjects = {mail.subject for mail in mails_of(ann)}
    assert subjects == {
        "An authenticator app was added to your account",
        "A new set of recovery codes was added to your account",
        "An authenticator app was removed from your account",
    }
    removed = next(mail for mail in mails_of(ann) if "removed" in mail.subject)
    assert "Ann, an authenticator app was removed from your account on 5 January 2026, 12:02 UTC" in removed.text
    assert "end all other logins" in removed.html


# the second step


def test_the_ticket_and_a_code_make_the_session(ann, app_of, ticket_of, finish, settings):
    app, _ = app_of(ann)
    signed_in = finish(ticket_of(ann), "totp", app.at(LATER))
    row = UserSession.find(ann.id, signed_in.session.id)
    assert (row.kind, row.device_name, row.address) == ("mobile", "Ann's phone", "192.0.2.1")
    assert row.second_factor_at == row.proved_at == LATER
    assert User.find(ann.id).last_login_at == LATER


def test_the_refusal_says_how_to_go_on(ann, app_of, settings):
    app_of(ann)
    details = ask_for_second_step(ann, settings)
    assert (details["methods"], details["expires_in"]) == (["totp", "recovery"], 300)
    assert OneTimeToken.find("second-step", secret_hash(details["ticket"])).subject == ann.id


def test_a_wrong_password_says_nothing_of_a_second_factor(ann, app_of, settings):
    app_of(ann)
    with pytest.raises(BadCredentials):
        account_service.log_in(Credentials(ann.email, "wrong"), PHONE, replaces=None, now=LATER, settings=settings)


def test_a_code_is_accepted_once(ann, app_of, ticket_of, finish):
    app, _ = app_of(ann)
    finish(ticket_of(ann), "totp", app.at(LATER))
    with pytest.raises(BadCode):
        finish(ticket_of(ann), "totp", app.at(LATER))
    with pytest.raises(BadCode):  # the step before the last accepted one is as dead
        finish(ticket_of(ann), "totp", app.at(LATER - STEP))
    assert finish(ticket_of(ann), "totp", app.at(LATER + STEP)).user.id == ann.id


def test_the_code_of_the_enrolment_opens_nothing(ann, app_of, ticket_of, finish):
    app, _ = app_of(ann, LATER)
    with pytest.raises(BadCode):
        finish(ticket_of(ann), "totp", app.at(LATER))


def test_of_many_uses_of_one_code_one_gets_in(ann, app_of, ticket_of, finish):
    app, _ = app_of(ann)
    tickets = [ticket_of(ann) for _ in range(6)]

    def enter(ticket):
        try:
            return finish(ticket, "totp", app.at(LATER))
        except BadCode:
            return None

    with ThreadPoolExecutor(6) as pool:
        assert len([one for one in pool.map(enter, tickets) if one]) == 1


@pytest.mark.parametrize(("offset", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_off_by_one_step(ann, app_of, ticket_of, finish, offset, is_good):
    app, _ = app_of(ann)
    code = app.at(LATER + offset * STEP)
    if is_good:
        assert finish(ticket_of(ann), "totp", code).user.id == ann.id
    else:
        with pytest.raises(BadCode):
            finish(ticket_of(ann), "totp", code)


def test_a_ticket_is_good_for_five_tries(ann, app_of, ticket_of, finish):
    app, _ = app_of(ann)
    ticket = ticket_of(ann)
    for _ in range(4):
        with pytest.raises(BadCode):
            finish(ticket, "totp", wrong(app.at(LATER)))
    assert finish(ticket, "totp", app.at(LATER)).user.id == ann.id
    ticket = ticket_of(ann)
    for _ in range(5):
        with pytest.raises(BadCode):
            finish(ticket, "totp", wrong(app.at(LATER + STEP)))
    with pytest.raises(TokenInvalid):
        finish(ticket, "totp", app.at(LATER + STEP))


def test_parallel_guesses_do_not_outrun_the_tickets_tries(ann, app_of, ticket_of, finish):
    app_of(ann)
    ticket = ticket_of(ann)

    def guess(number):
        try:
            finish(ticket, "totp", f"{number:06d}")
        except (BadCode, TokenInvalid, TooManyAttempts) as refusal:
            return type(refusal)

    with ThreadPoolExecutor(8) as pool:
        looked_at = [kind for kind in pool.map(guess, range(12)) if kind is BadCode]
    assert len(looked_at) <= 5


def test_a_ticket_is_good_once_and_for_five_minutes(ann, app_of, ticket_of, finish):
    app, codes = app_of(ann)
    ticket = ticket_of(ann)
    finish(ticket, "totp", app.at(LATER))
    with pytest.raises(TokenInvalid):
        finish(ticket, "recovery", codes[0])
    ticket, end = ticket_of(ann), LATER + timedelta(minutes=5)
    with pytest.raises(TokenInvalid):
        finish(ticket, "totp", app.at(end), now=end)
    almost = end - timedelta(seconds=1)
    assert finish(ticket, "totp", app.at(almost), now=almost).user.id == ann.id


@pytest.mark.parametrize("ticket", ["", "made-up-ticket-made-up-ticket"])
def test_a_made_up_ticket_opens_nothing(finish, ticket):
    with pytest.raises(TokenInvalid):
        finish(ticket, "totp", "123456")


def test_a_token_of_another_purpose_is_no_ticket(ann, app_of, finish):
    app, _ = app_of(ann)
    token = account_service.one_time.issue("passkey-login", ann.id, lives=timedelta(minutes=5), now=LATER)
    with pytest.raises(TokenInvalid):
        finish(token, "totp", app.at(LATER))


def test_wrong_codes_lock_the_second_factor_as_wrong_passwords_lock_the_password(
    ann, app_of, ticket_of, finish, settings
):
    app, codes = app_of(ann)
    for _ in range(2):
        ticket = ticket_of(ann)
        for _ in range(5):
            with pytest.raises(BadCode):
                finish(ticket, "totp", wrong(app.at(LATER)))
    with pytest.raises(TooManyAttempts) as refusal:
        finish(ticket_of(ann), "totp", app.at(LATER))
    assert 0 < refusal.value.details["retry_after_seconds"] <= 900
    with pytest.raises(TooManyAttempts):
        finish(ticket_of(ann), "recovery", codes[0])
    after = LATER + timedelta(minutes=15)
    assert finish(ticket_of(ann, now=after), "totp", app.at(after), now=after).user.id == ann.id


def test_the_locks_of_password_and_second_factor_are_apart(ann, app_of, ticket_of, finish, settings):
    app, _ = app_of(ann)
    ticket = ticket_of(ann)
    for name in (ann.id, f"second factor of {ann.id}", ann.email):
        for _ in range(10):
            with pytest.raises(BadCredentials):
                account_service.log_in(Credentials(name, "wrong"), PHONE, replaces=None, now=LATER, settings=settings)
    assert finish(ticket, "totp", app.at(LATER)).user.id == ann.id


@pytest.mark.parametrize("method", ["passkey", "sms", ""])
def test_a_method_the_person_does_not_have_is_refused(ann, app_of, ticket_of, finish, method):
    app, _ = app_of(ann)
    with pytest.raises(BadCode):
        finish(ticket_of(ann), method, app.at(LATER))


def test_somebody_without_a_second_factor_is_not_asked(ann, settings):
    assert log_in(ann, settings).session.second_factor_at is None


# recovery codes


def test_a_recovery_code_is_good_once(ann, app_of, ticket_of, finish):
    _, codes = app_of(ann)
    assert finish(ticket_of(ann), "recovery", codes[4].lower().replace("-", " ")).user.id == ann.id
    with pytest.raises(BadCode):
        finish(ticket_of(ann), "recovery", codes[4])
    assert finish(ticket_of(ann), "recovery", codes[5]).user.id == ann.id
    told = [mail for mail in mails_of(ann) if mail.subject == "A recovery code was used for your account"]
    assert sorted("9 are left" in mail.text for mail in told) == [False, True]


def test_of_many_uses_of_one_recovery_code_one_gets_in(ann, app_of, ticket_of, finish):
    _, codes = app_of(ann)
    tickets = [ticket_of(ann) for _ in range(6)]

    def enter(ticket):
        try:
            return finish(ticket, "recovery", codes[0])
        except BadCode:
            return None

    with ThreadPoolExecutor(6) as pool:
        assert len([one for one in pool.map(enter, tickets) if one]) == 1
    assert len(SecondFactor.find(ann.id).recovery_hashes) == 9


def test_different_recovery_codes_at_once_all_get_in(ann, app_of, ticket_of, finish):
    _, codes = app_of(ann)
    tickets = [ticket_of(ann) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        entered = list(pool.map(lambda pair: finish(pair[0], "recovery", pair[1]), zip(tickets, codes, strict=False)))
    assert len(entered) == 3 and len(SecondFactor.find(ann.id).recovery_hashes) == 7


@pytest.mark.parametrize("code", ["", "0", "000000000000", "Z23456789ABC", "½½½½", "a" * 40])
def test_another_text_is_no_recovery_code(ann, app_of, ticket_of, finish, code):
    app_of(ann)
    with pytest.raises(BadCode):
        finish(ticket_of(ann), "recovery", code)


def test_new_codes_kill_the_old_ones(ann, app_of, ticket_of, finish, settings):
    _, old = app_of(ann)
    new = recovery.renew(ann, now=NOW, settings=settings)
    with pytest.raises(BadCode):
        finish(ticket_of(ann), "recovery", old[0])
    assert finish(ticket_of(ann), "recovery", new[0]).user.id == ann.id


def test_no_codes_without_a_second_factor(ann, settings):
    with pytest.raises(NoSecondFactor):
        recovery.renew(ann, now=NOW, settings=settings)


def test_when_all_codes_are_used_they_are_no_method_any_more(ann, app_of, settings):
    app_of(ann)
    SecondFactor.change((ann.id,), lambda row: {"recovery_hashes": None})
    details = ask_for_second_step(ann, settings)
    assert details["methods"] == ["totp"]


# proving again


def test_a_code_proves_again_and_is_used_up(ann, app_of, settings):
    app, _ = app_of(ann)
    late = NOW + timedelta(minutes=30)
    with pytest.raises(ProofRequired):
        account_service.ensure_proved(ann, now=late, settings=settings)
    account_service.prove(ann, FreshProof(code=app.at(late)), now=late, settings=settings)
    row = UserSession.find(*ann.session.key)
    assert row.proved_at == row.second_factor_at == late
    with pytest.raises(BadCode):
        account_service.prove(ann, FreshProof(code=app.at(late)), now=late, settings=settings)


def test_a_wrong_code_proves_nothing(ann, app_of, settings):
    app, _ = app_of(ann)
    late = NOW + timedelta(minutes=30)
    with pytest.raises(BadCode):
        account_service.prove(ann, FreshProof(code=wrong(app.at(late))), now=late, settings=settings)
    assert UserSession.find(*ann.session.key).proved_at == NOW


def test_a_code_of_an_app_that_is_not_on_proves_nothing(ann, settings):
    enrolment = totp.enrol(ann, now=NOW, settings=settings)
    with pytest.raises(BadCode):
        account_service.prove(ann, FreshProof(code=pyotp.TOTP(enrolment.secret).at(NOW)), now=NOW, settings=settings)
    nobody = replace(ann, user=User(id=new_id(), username="x", email="x@example.com"))
    with pytest.raises(BadCode):
        account_service.prove(nobody, FreshProof(code="123456"), now=NOW, settings=settings)


# staff


@pytest.fixture
def strict(settings):
    return replace(settings, second_factor_required_for_staff=True)


@pytest.mark.parametrize(
    ("flags", "is_required"),
    [
        ({}, False),
        ({"is_seller": True}, False),
        ({"is_teacher": True}, False),
        ({"is_admin": True}, True),
        ({"is_superuser": True}, True),
    ],
)
def test_admins_and_superusers_must_have_a_second_factor_where_the_settings_say_so(
    settings, strict, flags, is_required
):
    person = make_person(settings, **flags)
    second_step.ensure_enrolled(person, settings)
    if is_required:
        with pytest.raises(EnrolmentRequired):
            second_step.ensure_enrolled(person, strict)
    else:
        second_step.ensure_enrolled(person, strict)


def test_staff_go_on_once_they_have_set_one_up(app_of, strict, finish, settings):
    boss = make_person(settings, is_admin=True)
    app, _ = app_of(boss)
    again = replace(boss, session=UserSession.find(*boss.session.key))
    second_step.ensure_enrolled(again, strict)
    details = ask_for_second_step(boss, strict)
    signed_in = finish(details["ticket"], "totp", app.at(LATER))
    second_step.ensure_enrolled(replace(boss, session=signed_in.session), strict)


def test_forgetting_all_factors_leaves_nothing(ann, app_of, settings):
    app_of(ann)
    forget_factors(ann.user.id)
    forget_factors(ann.user.id)
    assert SecondFactor.find(ann.id) is None
    assert log_in(ann, settings).user.id == ann.id


def test_the_key_of_a_mail_is_its_events(ann, app_of):
    app_of(ann)
    key = f"factor_added/{ann.id}/totp/{NOW.isoformat()}"
    assert OutgoingMail.find(crc32(key.encode()) % SHARDS, key).recipient == ann.email
