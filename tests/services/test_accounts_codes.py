"""One-time codes against the real store: their whole life, their races, and what a proved identifier opens."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.models.accounts import LoginCode, OneTimeToken, Referral, User
from app.services import accounts as account_service
from app.services.accounts import (
    AskedTooOften,
    CodeDead,
    CodeWrong,
    ContactTaken,
    Credentials,
    NewAccount,
    NoAccount,
    ProofRequired,
    SessionEnded,
    SessionStart,
    TokenInvalid,
    UserInactive,
    UsernameTaken,
    contacts,
    names,
)
from app.services.accounts.tokens import secret_hash
from app.utils.errors import InvalidValue
from app.utils.ids import new_id
from tests.factor_people import turn_on_app
from tests.letters import code_in, letter_by, letters_to
from tests.people import code_to, token_to

pytestmark = pytest.mark.usefixtures("app")
NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
MOBILE = SessionStart("mobile")


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def fresh_email() -> str:
    return f"cora-{new_id()}@example.com".lower()


def fresh_number() -> str:
    return f"+1415{int(new_id()[-6:], 36) % 8_000_000 + 2_000_000:07d}"


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


@pytest.fixture
def ask(stores):
    """Call it: a code is asked for; returns it as it was sent."""

    def ask(identifier, purpose="login", *, now=NOW):
        def send():
            account_service.send_code(identifier, purpose, now=now, settings=stores)

        return code_in(letter_by(send, identifier.strip().lower()))

    return ask


@pytest.fixture
def verify(stores):
    return lambda identifier, code, *, now=NOW: account_service.verify_code(identifier, code, now=now, settings=stores)


@pytest.fixture
def prove(ask, verify):
    """Call it: a token that proves the identifier."""
    return lambda identifier, purpose="login", *, now=NOW: verify(
        identifier, ask(identifier, purpose, now=now), now=now
    )


@pytest.fixture
def sign_up(stores, prove):
    """Call it: somebody signs up by a code."""

    def join(identifier, *, now=NOW, **values):
        proof = account_service.sign_up_proof(prove(identifier, "register", now=now), now=now, settings=stores)
        account = NewAccount(**values)
        return account_service.sign_up(account, MOBILE, now=now, settings=stores, proof=proof).user

    return join


@pytest.fixture
def log_in(stores):
    def enter(token, *, replaces=None, now=NOW):
        return account_service.log_in_by_code(token, MOBILE, replaces=replaces, now=now, settings=stores)

    return enter


# the code


def test_code_requested_twice_the_first_fails_and_the_second_works_once(ask, verify):
    """accounts.md, acceptance 1."""
    email = fresh_email()
    first, second = ask(email), ask(email, now=NOW + seconds(1))
    if first != second:
        with pytest.raises(CodeWrong):
            verify(email, first, now=NOW + seconds(2))
    assert verify(email, second, now=NOW + seconds(3))
    with pytest.raises(CodeWrong):
        verify(email, second, now=NOW + seconds(4))


@pytest.mark.parametrize(("after", "is_good"), [(0, True), (299.999, True), (300, False)])
def test_a_code_lives_five_minutes(ask, verify, after, is_good):
    email = fresh_email()
    code = ask(email)
    if is_good:
        assert verify(email, code, now=NOW + seconds(after))
    else:
        with pytest.raises(CodeWrong):
            verify(email, code, now=NOW + seconds(after))


def test_after_five_wrong_tries_the_right_code_is_dead_and_a_new_one_is_not(ask, verify):
    email = fresh_email()
    code = ask(email)
    for _ in range(5):
        with pytest.raises(CodeWrong):
            verify(email, wrong(code))
    with pytest.raises(CodeDead) as refusal:
        verify(email, code, now=NOW + seconds(100))
    assert refusal.value.details == {"retry_after_seconds": 200}
    assert verify(email, ask(email))


def test_four_wrong_tries_are_forgiven(ask, verify):
    email = fresh_email()
    code = ask(email)
    for _ in range(4):
        with pytest.raises(CodeWrong):
            verify(email, wrong(code))
    assert verify(email, code)


def test_a_code_that_nobody_asked_for_is_wrong(verify):
    with pytest.raises(CodeWrong):
        verify(fresh_email(), "123456")


def test_anothers_code_is_wrong(ask, verify):
    code = ask(fresh_email())
    other = fresh_email()
    if ask(other) != code:
        with pytest.raises(CodeWrong):
            verify(other, code)


def test_five_codes_an_hour(ask, stores):
    email = fresh_email()
    for minute in range(5):
        ask(email, now=NOW + timedelta(minutes=minute))
    with pytest.raises(AskedTooOften) as refusal:
        account_service.send_code(email, "login", now=NOW + timedelta(minutes=30), settings=stores)
    assert refusal.value.details == {"retry_after_seconds": 1800}
    assert ask(email, now=NOW + timedelta(minutes=60))


def test_what_is_kept_does_not_tell_the_code_nor_whose_it_is(ask):
    email = fresh_email()
    code = ask(email)
    rows = [row for row in LoginCode.objects().limit(100_000) if row.expires_at == NOW + seconds(300)]
    assert rows
    kept = " ".join(str(dict(row)) for row in rows)
    assert email not in kept
    assert not [row for row in rows if row.code_hash in (code, email)]
    assert not [key for key in letters_to(email) if code in key or email in key]


def test_a_code_goes_to_a_phone_as_a_text_that_dies_with_it(stores):
    number = fresh_number()

    def send():
        account_service.send_code(number, "register", now=NOW, settings=stores)

    letter = letter_by(send, number)
    assert letter.text == (
        f"{code_in(letter)} is your code to sign up with Marketplace, good for 5 minutes. Give it to nobody. "
        "Texts can be intercepted: a passkey is safer."
    )
    assert letter.expires_at == NOW + seconds(300)


@pytest.mark.parametrize(
    ("fresh", "typed"),
    [
        (fresh_email, lambda email: f" {email.upper()} "),
        (fresh_number, lambda number: f"({number[2:5]}) {number[5:8]}-{number[8:]}"),
    ],
)
def test_an_identifier_is_read_as_people_type_it(stores, verify, fresh, typed):
    kept = fresh()
    letter = letter_by(lambda: account_service.send_code(typed(kept), "login", now=NOW, settings=stores), kept)
    assert verify(kept, code_in(letter))


@pytest.mark.parametrize("typed", ["", "cora", "cora@", "12", "+0 000"])
def test_what_is_neither_address_nor_number_is_refused(stores, typed):
    with pytest.raises(InvalidValue) as refusal:
        account_service.send_code(typed, "login", now=NOW, settings=stores)
    assert list(refusal.value.fields) == ["identifier"]


def test_of_twenty_threads_with_the_right_code_one_has_the_token(ask, verify):
    email = fresh_email()
    code = ask(email)

    def attempt(_):
        try:
            return verify(email, code)
        except CodeWrong:
            return None

    with ThreadPoolExecutor(20) as threads:
        assert len([token for token in threads.map(attempt, range(20)) if token]) == 1


def test_parallel_guesses_do_not_outrun_the_count(ask, verify):
    email = fresh_email()
    code = ask(email)

    def guess(number):
        try:
            verify(email, f"{(int(code) + 1 + number) % 10**6:06d}")
        except CodeWrong:
            return "wrong"
        except CodeDead:
            return "dead"
        raise AssertionError("a guess was right")

    with ThreadPoolExecutor(12) as threads:
        said = list(threads.map(guess, range(24)))
    assert (said.count("wrong"), said.count("dead")) == (5, 19)
    with pytest.raises(CodeDead):
        verify(email, code)


STEPS = st.lists(
    st.one_of(
        st.just(("ask",)),
        st.just(("enter",)),
        st.just(("enter old",)),
        st.just(("guess",)),
        st.tuples(st.just("wait"), st.sampled_from([1, 60, 299, 300, 1800, 3600])),
    ),
    min_size=3,
    max_size=14,
)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_whatever_happens_a_code_is_good_once_in_its_time_and_before_the_fifth_wrong_try(steps, stores):
    """The rules written apart from the code under test, and both asked the same in every order of events."""
    email, now = fresh_email(), NOW
    asked: list[datetime] = []
    codes: list[str] = []
    sent_at, wrong_tries, is_used = None, 0, False
    for step, *span in steps:
        if step == "wait":
            now += seconds(span[0])
        elif step == "ask":
            may_ask = len([at for at in asked if at > now - timedelta(hours=1)]) < 5
            before = set(letters_to(email))
            try:
                account_service.send_code(email, "login", now=now, settings=stores)
                assert may_ask
            except AskedTooOften:
                assert not may_ask
                continue
            letters = letters_to(email)
            codes.append(code_in(next(letters[key] for key in letters if key not in before)))
            asked.append(now)
            sent_at, wrong_tries, is_used = now, 0, False
        else:
            given_code = {
                "enter": codes[-1] if codes else "000000",
                "enter old": codes[-2] if len(codes) > 1 else "000000",
                "guess": wrong(codes[-1]) if codes else "000000",
            }[step]
            is_alive = sent_at is not None and not is_used and now < sent_at + seconds(300)
            expected = "wrong"
            if is_alive and wrong_tries >= 5:
                expected = "dead"
            elif is_alive and codes and given_code == codes[-1]:
                expected, is_used = "proved", True
            elif is_alive:
                wrong_tries += 1
            assert outcome_of(email, given_code, now, stores) == expected


def outcome_of(email, code, now, stores):
    try:
        account_service.verify_code(email, code, now=now, settings=stores)
    except CodeWrong:
        return "wrong"
    except CodeDead:
        return "dead"
    return "proved"


# what a proof opens


def test_a_code_signs_up_and_the_address_counts_as_confirmed(sign_up):
    email = fresh_email()
    user = User.find(sign_up(email, first_name="Cora").id)
    assert (user.username, user.email, user.email_confirmed_at, user.password_hash) == (email, email, NOW, None)
    assert names.find_holder(email) == user.id
    assert "confirm-email" not in letters_to(email)[f"welcome/{user.id}"].text


def test_a_number_signs_up_without_an_address(sign_up):
    number = fresh_number()
    tail = new_id()
    user = User.find(sign_up(number, first_name="Cora", last_name=f"De {tail}").id)
    assert (user.username, user.email) == (f"cora_de_{tail}".lower(), "")
    assert (user.phone, user.phone_confirmed_at, user.email_confirmed_at) == (number, NOW, None)


def test_a_number_without_names_needs_a_username_and_the_proof_stays_good(stores, prove):
    number = fresh_number()
    proof = account_service.sign_up_proof(prove(number, "register"), now=NOW, settings=stores)
    with pytest.raises(InvalidValue) as refusal:
        account_service.sign_up(NewAccount(), MOBILE, now=NOW, settings=stores, proof=proof)
    assert list(refusal.value.fields) == ["username"]
    name = f"cora-{new_id()}".lower()
    user = account_service.sign_up(NewAccount(username=name), MOBILE, now=NOW, settings=stores, proof=proof).user
    assert user.username == name


def test_a_spent_proof_signs_up_nobody_else_at_the_same_address(stores, prove):
    proof = account_service.sign_up_proof(prove(fresh_email(), "register"), now=NOW, settings=stores)
    name = f"cora-{new_id()}".lower()
    account_service.sign_up(NewAccount(username=name), MOBILE, now=NOW, settings=stores, proof=proof)
    with pytest.raises(TokenInvalid):
        account_service.sign_up(NewAccount(username=f"{name}-2"), MOBILE, now=NOW, settings=stores, proof=proof)
    assert names.holder_of("username", f"{name}-2") is None


def test_a_taken_name_leaves_the_proof_good(stores, sign_up, prove):
    taken = sign_up(fresh_email(), username=f"cora-{new_id()}".lower()).username
    email = fresh_email()
    proof = account_service.sign_up_proof(prove(email, "register"), now=NOW, settings=stores)
    with pytest.raises(UsernameTaken):
        account_service.sign_up(NewAccount(username=taken), MOBILE, now=NOW, settings=stores, proof=proof)
    assert account_service.sign_up(NewAccount(), MOBILE, now=NOW, settings=stores, proof=proof).user.email == email


def test_a_number_of_another_account_signs_up_nobody(sign_up):
    number = fresh_number()
    sign_up(number, username=f"cora-{new_id()}".lower())
    with pytest.raises(ContactTaken):
        sign_up(number, username=f"carl-{new_id()}".lower())


def test_another_address_than_the_proved_one_is_refused(sign_up):
    with pytest.raises(InvalidValue) as refusal:
        sign_up(fresh_email(), email=fresh_email())
    assert list(refusal.value.fields) == ["email"]


def test_two_parallel_sign_ups_with_one_proof_make_one_account(stores, prove):
    number = fresh_number()
    proof = account_service.sign_up_proof(prove(number, "register"), now=NOW, settings=stores)

    def attempt(place):
        account = NewAccount(username=f"cora-{place}-{new_id()}".lower())
        try:
            return account_service.register(account, now=NOW, settings=stores, proof=proof)
        except (TokenInvalid, ContactTaken):
            return None

    with ThreadPoolExecutor(6) as threads:
        assert len([user for user in threads.map(attempt, range(6)) if user]) == 1


@pytest.mark.parametrize("fresh", [fresh_email, fresh_number])
def test_a_code_logs_in(sign_up, prove, log_in, fresh):
    identifier = fresh()
    user = sign_up(identifier, username=f"cora-{new_id()}".lower())
    token = prove(identifier)
    assert log_in(token).user.id == user.id
    with pytest.raises(TokenInvalid):
        log_in(token)


def test_of_parallel_logins_with_one_token_one_gets_in(sign_up, prove, log_in):
    email = fresh_email()
    sign_up(email)
    token = prove(email)

    def attempt(_):
        try:
            return log_in(token)
        except TokenInvalid:
            return None

    with ThreadPoolExecutor(8) as threads:
        assert len([one for one in threads.map(attempt, range(8)) if one]) == 1


@pytest.mark.parametrize(("after", "is_good"), [(599.999, True), (600, False)])
def test_a_proof_lives_ten_minutes(sign_up, prove, log_in, after, is_good):
    email = fresh_email()
    sign_up(email)
    token = prove(email)
    if is_good:
        assert log_in(token, now=NOW + seconds(after))
    else:
        with pytest.raises(TokenInvalid):
            log_in(token, now=NOW + seconds(after))


def test_who_has_no_account_is_told_after_the_proof_and_may_sign_up_with_it(stores, prove, log_in):
    email = fresh_email()
    token = prove(email)
    with pytest.raises(NoAccount):
        log_in(token)
    proof = account_service.sign_up_proof(token, now=NOW, settings=stores)
    assert account_service.sign_up(NewAccount(), MOBILE, now=NOW, settings=stores, proof=proof).user.email == email


def test_a_code_to_sign_up_does_not_log_in(sign_up, prove, log_in):
    """The message said what it was for; whoever was talked into reading it out has not opened the account."""
    email = fresh_email()
    sign_up(email)
    with pytest.raises(TokenInvalid):
        log_in(prove(email, "register"))


def test_an_inactive_account_stays_shut(sign_up, prove, log_in):
    email = fresh_email()
    sign_up(email).update(status="banned")
    with pytest.raises(UserInactive):
        log_in(prove(email))


def test_a_number_only_typed_into_a_profile_is_no_way_in(stores, sign_up, prove, log_in):
    number = fresh_number()
    trap = sign_up(fresh_email())
    account_service.change_profile(trap.id, {"phone": number}, now=NOW, settings=stores)
    with pytest.raises(NoAccount):
        log_in(prove(number))


def test_the_first_proof_of_an_address_voids_what_a_stranger_set_before(stores, prove, log_in):
    """Somebody signs up with another's address and waits for its owner (account pre-hijacking)."""
    email, number = fresh_email(), fresh_number()
    stranger = account_service.sign_up(NewAccount(email, PASSWORD), MOBILE, now=NOW, settings=stores)
    contacts.request_phone(stranger.user, number, now=NOW, settings=stores)
    held = contacts.confirm_phone(stranger.user, code_to(number), now=NOW, settings=stores)
    assert held.phone == number
    identity = account_service.authenticate_bearer(stranger.access_token, now=NOW, settings=stores)
    assert turn_on_app(identity, stores, now=NOW)
    contacts.request_email(held, elsewhere := fresh_email(), now=NOW, settings=stores)
    token = prove(email)
    letter = letter_by(lambda: log_in(token, now=NOW + seconds(5)), email)
    assert letter.subject == "Please choose a new password"
    user = User.find(stranger.user.id)
    assert (user.email_confirmed_at, user.password_hash, user.phone) == (NOW + seconds(5), None, None)
    assert names.holder_of("phone", number) is None
    with pytest.raises(TokenInvalid):
        contacts.confirm_email(token_to(elsewhere, "email_to_confirm"), now=NOW + seconds(6))
    with pytest.raises(SessionEnded):
        account_service.authenticate_bearer(stranger.access_token, now=NOW + seconds(6), settings=stores)
    with pytest.raises(account_service.BadCredentials):
        account_service.log_in(Credentials(email, PASSWORD), MOBILE, replaces=None, now=NOW, settings=stores)


def test_a_confirmed_address_keeps_its_password(stores, sign_up, prove, log_in):
    email = fresh_email()
    sign_up(email, password=PASSWORD)
    log_in(prove(email))
    assert account_service.log_in(Credentials(email, PASSWORD), MOBILE, replaces=None, now=NOW, settings=stores)


def test_a_code_proves_again_who_asks_and_anothers_does_not(stores, sign_up, prove, log_in):
    email, other = fresh_email(), fresh_email()
    sign_up(email)
    sign_up(other)
    signed_in = log_in(prove(email))
    later = NOW + timedelta(hours=2)
    identity = account_service.authenticate_bearer(signed_in.access_token, now=NOW, settings=stores)
    with pytest.raises(ProofRequired):
        account_service.ensure_proved(identity, now=later, settings=stores)
    with pytest.raises(TokenInvalid):
        account_service.prove_by_code(identity, prove(other, now=later), now=later, settings=stores)
    account_service.prove_by_code(identity, prove(email, now=later), now=later, settings=stores)
    again = account_service.authenticate_bearer(signed_in.access_token, now=NOW, settings=stores)
    account_service.ensure_proved(again, now=later, settings=stores)


# referrals


def test_register_with_a_referral_code_leaves_a_pending_referral(sign_up, refresh_index):
    """accounts.md, acceptance 2; the points come with the engagement domain."""
    referrer = sign_up(fresh_email())
    user = sign_up(fresh_email(), referral_code=f" {referrer.referral_code.lower()} ")
    referral = Referral.find(user.id)
    assert (referral.referrer_id, referral.code, referral.status, referral.at) == (
        referrer.id,
        referrer.referral_code,
        "pending",
        NOW,
    )
    refresh_index()
    found = Referral.elastic("referrer_id", referrer.id).documents()
    assert [document["referred_user_id"] for document in found] == [user.id]


def test_an_unknown_referral_code_is_refused_and_makes_nothing(sign_up):
    email = fresh_email()
    with pytest.raises(InvalidValue) as refusal:
        sign_up(email, referral_code="NOBODY00")
    assert list(refusal.value.fields) == ["referral_code"]
    assert names.find_holder(email) is None


def test_nobody_is_referred_without_a_code(sign_up):
    assert Referral.find(sign_up(fresh_email()).id) is None


@pytest.mark.parametrize("make", [fresh_email, fresh_number])
def test_a_proof_is_kept_without_its_token_and_without_what_it_proves(stores, prove, make):
    identifier = make()
    token = prove(identifier)
    kept = str(dict(OneTimeToken.find("identifier-proof", secret_hash(token))))
    assert token not in kept and identifier not in kept
    assert account_service.sign_up_proof(token, now=NOW, settings=stores).value == identifier


def test_a_proof_sealed_with_a_lost_key_is_good_for_nothing_and_one_with_an_old_key_is(stores, prove):
    token, (old,) = prove(fresh_email()), stores.encryption_keys
    new = "a new key of thirty-two characters."
    rotated, lost = replace(stores, encryption_keys=(new, old)), replace(stores, encryption_keys=(new,))
    assert account_service.sign_up_proof(token, now=NOW, settings=rotated)
    with pytest.raises(TokenInvalid):
        account_service.sign_up_proof(token, now=NOW, settings=lost)
