"""V6: passwords, codes, second factors, and logins elsewhere."""

import json
import re
from base64 import urlsafe_b64encode
from datetime import timedelta

import jwt
import pyotp
import pytest

from app.env import SettingsError, load_settings
from app.models.accounts import FederatedIdentity, SecondFactor, User
from app.plugins.oidc import LoginRefused, flow
from app.services import accounts as account_service
from app.services.accounts import (
    BadCredentials,
    CodeDead,
    CodeWrong,
    NoAccount,
    ProofRequired,
    SecondFactorGiven,
    SecondFactorRequired,
    TokenInvalid,
    TooManyAttempts,
    codes,
    contacts,
    names,
    passwords,
    recovery,
    second_login,
)
from app.services.accounts.factor_reset import reset_factors
from app.services.accounts.second_step import BadCode, ContactUnconfirmed
from app.utils.clock import utc_now
from app.utils.errors import InvalidValue
from app.utils.ids import new_id
from tests.asvs.conftest import PASSWORD
from tests.asvs.oidc import log_in_with, provider, site
from tests.asvs.reading import calls, document, importers, matching, python_sources, script_sources
from tests.factor_people import (
    LATER,
    NOW,
    another_login_of,
    ask_for_second_step,
    make_person,
    turn_on_app,
    unconfirmed,
    wrong,
)
from tests.factories import authority, make_user
from tests.letters import code_in, letter_by, letters_by, letters_to, token_in
from tests.people import fresh_phone

pytestmark = pytest.mark.usefixtures("app")
NEW = "staple it 1931 again"
__all__ = ["provider", "site"]


def refusal_of(password: str) -> list[str]:
    """What is said against this password; nothing for a good one."""
    try:
        passwords.ensure_acceptable(password, username="ann", email="ann@example.com")
    except InvalidValue as refusal:
        return refusal.fields["password"]
    return []


@pytest.fixture
def ann(settings):
    """Somebody with an authenticator app, the app, and the recovery codes."""
    person = make_person(settings)
    return person, *turn_on_app(person, settings)


def take(person, settings, method, code, now=LATER):
    """The second step of a new login with this code."""
    ticket = ask_for_second_step(person, settings, now=now)["ticket"]
    return second_login.finish(ticket, SecondFactorGiven(method, code), replaces=None, now=now, settings=settings)


def asked_code(identifier, settings, now, purpose="login"):
    letter = letter_by(lambda: codes.send_code(identifier, purpose, now=now, settings=settings), identifier)
    return code_in(letter)


def fresh_email() -> str:
    return f"ida-{new_id()}@example.com".lower()


def test_v6_1_1_what_stands_against_guessing_is_written_down_as_it_is(settings):
    page = document("security.md")
    assert f"LOGIN_FAILURES_ALLOWED ({settings.login_failures_allowed}) failures" in page
    assert f"LOGIN_FAILURES_WINDOW_SECONDS ({settings.login_failures_window_seconds // 60} minutes)" in page
    assert f"{codes.WRONG_TRIES} wrong tries kill a code" in page
    assert "nobody locks others out" in page


def test_v6_1_2_the_words_of_this_place_are_written_down():
    assert f"would think of here: {', '.join(passwords.CONTEXT_WORDS)}." in document("security.md")


def test_v6_1_3_every_way_in_is_written_down(app):
    page = document("security.md")
    doors = [rule.rule for rule in app.url_map.iter_rules() if "POST" in rule.methods and "/auth/login" in rule.rule]
    assert len(doors) >= 4
    for door in doors:
        known = door.removeprefix("/api/auth").removesuffix("/passkey-options").removesuffix("/options")
        assert known in page, door


def test_v6_2_1_passwords_have_at_least_8_characters():
    assert refusal_of("gk7 q2x") and not refusal_of("gk7 q2xw")


def test_v6_2_2_a_password_is_changed_by_its_owner(client, account):
    body = {"old": PASSWORD, "new": NEW}
    assert client.post("/api/auth/password/change", json=body, headers=account.headers).status_code == 204
    assert account.log_in(NEW)
    with pytest.raises(BadCredentials):
        account.log_in(PASSWORD)


def test_v6_2_3_a_change_needs_the_old_password(client, account):
    headers = account.headers
    for body in ({"new": NEW}, {"old": "another one", "new": NEW}):
        answer = client.post("/api/auth/password/change", json=body, headers=headers)
        assert (answer.status_code, answer.json["error"]["code"]) == (403, "wrong_password")
    assert account.log_in(PASSWORD)


@pytest.mark.parametrize("password", ["12345678", "password1", "qwertyuiop", "iloveyou1", "football1"])
def test_v6_2_4_the_most_used_passwords_are_refused(password):
    assert any("stolen" in text for text in refusal_of(password))


@pytest.mark.parametrize("password", ["vbnqxzjwhp", "QXZJWHPVBN", "8402759163 17", "  ~~  %% ||", "слон идёт домой"])
def test_v6_2_5_a_password_is_made_of_anything(password):
    assert refusal_of(password) == []


def password_fields() -> list[tuple[str, str]]:
    """Tag and attributes of every field for a password on both sites."""
    elements = [
        element
        for path, text in script_sources().items()
        if path.startswith("frontend")
        for element in re.findall(r"<(Field|TextField|NewPasswordField)\b(.*?)/>", text, re.DOTALL)
    ]
    return [(tag, said) for tag, said in elements if re.search(r'name="(password|old|new)"|type="password"', said)]


def test_v6_2_6_password_fields_hide_what_is_typed():
    fields = password_fields()
    assert len(fields) >= 8
    for tag, said in fields:
        assert tag == "NewPasswordField" or 'type="password"' in said, said


def test_v6_2_7_password_managers_are_helped():
    assert matching("onPaste", script_sources()) == set()
    for tag, said in password_fields():
        assert tag == "NewPasswordField" or re.search(r'autoComplete="(current|new)-password"', said), said


def test_v6_2_9_a_password_of_64_characters_and_more_is_taken(client):
    for length in (64, 128):
        password = ("gk7 q2xw!" * 20)[:length]
        body = {"email": fresh_email(), "password": password, "client": "mobile"}
        assert client.post("/api/auth/register", json=body).status_code == 201
        assert client.post("/api/auth/login", json=body).status_code == 200
        wrong = body | {"password": password[:-1]}
        assert client.post("/api/auth/login", json=wrong).status_code == 401


def test_v6_2_10_a_password_stays_good(account):
    assert account.log_in(now=utc_now() + timedelta(days=3650))


@pytest.mark.parametrize("word", ["Market-Market!", "market-school 2026", "ADMIN-admin-1", "s t o r e s t o r e"])
def test_v6_2_11_words_of_this_place_make_no_password(word):
    assert any("everybody thinks of" in text for text in refusal_of(word))


def test_v6_2_12_stolen_passwords_are_refused_at_every_door(client, account):
    stolen = "princess1"
    answer = client.post("/api/auth/register", json={"email": fresh_email(), "password": stolen})
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["password"])
    body = {"old": PASSWORD, "new": stolen}
    assert client.post("/api/auth/password/change", json=body, headers=account.headers).status_code == 422


def test_v6_3_1_the_eleventh_try_waits_even_with_the_right_password(account):
    for _ in range(10):
        with pytest.raises(BadCredentials):
            account.log_in("wrong")
    with pytest.raises(TooManyAttempts):
        account.log_in(PASSWORD)


def test_v6_3_2_no_account_is_there_by_itself():
    assert [names.find_holder(name) for name in ("admin", "root", "sa", "administrator")] == [None] * 4
    production = {"PROFILE": "production", "SECRET_KEY": "k" * 32, "ENCRYPTION_KEYS": "e" * 32, "DEMO_PASSWORD": "x"}
    with pytest.raises(SettingsError, match="DEMO_PASSWORD"):
        load_settings(production)


def test_v6_3_4_every_way_in_ends_at_one_place():
    assert {path for path, _ in calls("start_session")} == {
        "app/services/accounts/login.py",
        "app/services/accounts/registration.py",  # an account that did not exist a moment before
    }
    ways = {path for path, _ in calls("complete_login")}
    assert {f"app/services/accounts/{name}.py" for name in ("login", "codes", "passkey_login", "second_login")} < ways


def test_v6_3_5_suspicious_logins_are_told(client, settings, account, ann):
    account.log_in()
    (letter,) = letters_by(
        lambda: client.post("/api/auth/login", json={"email": account.email, "password": PASSWORD}), account.email
    )
    assert letter.subject.startswith("A login from ")
    body = {"email": account.email, "password": PASSWORD}
    assert letters_by(lambda: client.post("/api/auth/login", json=body), account.email) == []
    stranger, body = client.application.test_client(), body | {"password": "wrong"}

    def guess():
        return [stranger.post("/api/auth/login", json=body) for _ in range(settings.login_failures_allowed)]

    assert "Somebody tries to log in" in letter_by(guess, account.email).subject
    person, app, _ = ann
    ticket = ask_for_second_step(person, settings)["ticket"]

    def guess_codes():
        for _ in range(5):
            with pytest.raises(BadCode):
                given = SecondFactorGiven("totp", wrong(app.at(LATER)))
                second_login.finish(ticket, given, replaces=None, now=LATER, settings=settings)

    assert "passed the first step" in letter_by(guess_codes, person.email).text


def test_v6_3_7_who_has_a_new_password_or_factor_is_told(settings, account):
    account.user.update(email_confirmed_at=utc_now())
    identity = account_service.authenticate_cookie(account.log_in().cookie, now=utc_now())

    def change():
        account_service.change_password(identity, PASSWORD, NEW, now=utc_now(), settings=settings)

    assert "password" in letter_by(change, account.email).subject.lower()
    assert letters_by(lambda: turn_on_app(identity, settings, now=utc_now()), account.email)


def test_v6_4_1_an_activation_link_is_random_good_once_and_ends(settings):
    now, email = utc_now(), fresh_email()

    def make():
        account_service.create_unactivated(email, "Ida", "Rot", now=now, settings=settings)

    token = token_in(letter_by(make, email))
    assert len(token) >= 43
    with pytest.raises(TokenInvalid):
        account_service.activate(token, NEW, now=now + timedelta(days=7), settings=settings)
    account_service.activate(token, NEW, now=now, settings=settings)
    with pytest.raises(TokenInvalid):
        account_service.activate(token, NEW, now=now, settings=settings)


def test_v6_4_2_nobody_is_asked_for_their_first_pet(app):
    asked = {
        name
        for schema in app.api_document["components"]["schemas"].values()
        for name in schema.get("properties", {})
        if any(word in name for word in ("hint", "question", "secret_answer", "mother"))
    }
    assert asked == set()


def test_v6_4_3_a_reset_skips_no_second_factor(settings, ann):
    person, _, _ = ann
    User.find(person.id).update(email_confirmed_at=LATER)
    letter = letter_by(lambda: account_service.request_reset(person.email, now=LATER), person.email)
    account_service.confirm_reset(token_in(letter), NEW, now=LATER, settings=settings)
    with pytest.raises(SecondFactorRequired):
        account_service.log_in(
            account_service.Credentials(person.email, NEW),
            account_service.SessionStart(),
            replaces=None,
            now=LATER,
            settings=settings,
        )


def test_v6_4_4_a_lost_factor_is_replaced_as_the_first_was_set_up(app, settings, ann):
    person, _, kept = ann
    assert take(person, settings, "recovery", kept[0]).user.id == person.id
    doors = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/admin") and "factor" in rule.rule]
    assert [rule.endpoint for rule in doors] == ["admin_users.reset_second_factor"]
    assert str(app.view_functions[doors[0].endpoint].access) == "permission:users.factor.reset+proof"
    reset_factors(person.id, authority(make_user(settings, is_admin=True)), reason="showed a passport", now=utc_now())
    with pytest.raises(BadCredentials):
        account_service.log_in(
            account_service.Credentials(person.email, "a guess at it"),
            account_service.SessionStart(),
            replaces=None,
            now=LATER,
            settings=settings,
        )
    again = another_login_of(person, settings)
    late = NOW + timedelta(minutes=11)
    with pytest.raises(ProofRequired):
        account_service.ensure_proved(again, now=late, settings=settings)
    with pytest.raises(ContactUnconfirmed):
        turn_on_app(unconfirmed(again), settings)


def test_v6_5_1_codes_are_good_once(settings, ann):
    person, app, kept = ann
    assert take(person, settings, "totp", app.at(LATER))
    assert take(person, settings, "recovery", kept[0])
    for method, code in (("totp", app.at(LATER)), ("recovery", kept[0])):
        with pytest.raises(BadCode):
            take(person, settings, method, code)


def test_v6_5_2_recovery_codes_are_kept_as_passwords_are(ann):
    person, _, kept = ann
    hashes = SecondFactor.find(person.id).recovery_hashes
    assert len(hashes) == len(kept) and all(text.startswith("$argon2id$") for text in hashes.values())


def test_v6_5_3_secrets_come_from_the_systems_own_source():
    assert {path for path in importers("random") if path.startswith("app/services/accounts")} == set()
    for path in ("codes", "recovery", "one_time", "tokens"):
        assert "secrets." in python_sources()[f"app/services/accounts/{path}.py"]
    assert len({pyotp.random_base32(32) for _ in range(100)}) == 100


def test_v6_5_4_codes_have_twenty_bits_and_more(settings):
    made = recovery.new_codes(settings)
    assert {len(recovery.read(code)) for code in made.shown} == {12}
    email = fresh_email()
    assert len(asked_code(email, settings, utc_now())) == 6


def test_v6_6_1_who_gives_a_number_hears_that_texts_can_be_intercepted(settings, account):
    number, now = fresh_phone(), utc_now()
    contacts.request_phone(account.user, number, now=now, settings=settings)
    token = codes.verify_code(number, asked_code(number, settings, now), now=now, settings=settings)
    with pytest.raises(NoAccount):
        account_service.log_in_by_code(token, account_service.SessionStart(), replaces=None, now=now, settings=settings)
    (confirming,) = [letter.text for key, letter in letters_to(number).items() if key.startswith("contact/")]
    joining = letter_by(lambda: codes.send_code(number, "register", now=now, settings=settings), number).text
    for text in (confirming, joining):
        assert "Texts can be intercepted: a passkey is safer." in text and len(text) <= 160


def test_v6_6_2_a_code_belongs_to_the_last_request_and_its_purpose(settings):
    email, now = fresh_email(), utc_now()
    first = asked_code(email, settings, now)
    second = asked_code(email, settings, now, "register")
    if first != second:
        with pytest.raises(CodeWrong):
            codes.verify_code(email, first, now=now, settings=settings)
    token = codes.verify_code(email, second, now=now, settings=settings)
    with pytest.raises(TokenInvalid):
        account_service.log_in_by_code(token, account_service.SessionStart(), replaces=None, now=now, settings=settings)


def test_v6_6_3_a_code_is_dead_after_five_wrong_tries(settings):
    email, now = fresh_email(), utc_now()
    code = asked_code(email, settings, now)
    for number in range(5):
        with pytest.raises(CodeWrong):
            codes.verify_code(email, f"{(int(code) + number + 1) % 10**6:06d}", now=now, settings=settings)
    with pytest.raises(CodeDead):
        codes.verify_code(email, code, now=now, settings=settings)


def test_v6_8_1_a_person_is_who_their_own_provider_says():
    keys = [name for name, column in FederatedIdentity._columns.items() if column.primary_key or column.partition_key]
    assert keys == ["issuer", "subject"]


@pytest.mark.parametrize("head", [{"alg": "none"}, {"alg": "HS256"}])
def test_v6_8_2_an_assertion_without_a_providers_signature_is_refused(site, provider, head):
    def forge(claims):
        parts = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (head, claims)]
        return ".".join([*parts, ""]) if head["alg"] == "none" else jwt.encode(claims, b"k" * 32, algorithm="HS256")

    provider.forge = forge
    assert log_in_with(site.test_client(), provider).status_code == 401
    stranger = provider.new_key()
    provider.forge = lambda claims: provider.sign(claims, stranger)
    assert log_in_with(site.test_client(), provider).status_code == 401
    provider.forge = None
    assert log_in_with(site.test_client(), provider).status_code == 302


def test_v6_8_4_a_proof_through_a_provider_is_a_new_login_there():
    now = utc_now()
    for claims in ({}, {"auth_time": None}, {"auth_time": now.timestamp() - 3600}):
        with pytest.raises(LoginRefused):
            flow._ensure_fresh(claims, now)
    flow._ensure_fresh({"auth_time": now.timestamp() - 1}, now)
