"""The rules of accounts that need no store: passwords, names, phones, rights, tokens."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from app.env import Settings
from app.models.accounts import BANNED, INACTIVE, User
from app.services.accounts import names, passwords, registration, rights, tokens
from app.services.accounts.phones import clean_phone
from app.utils.errors import InvalidValue

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
SETTINGS = Settings(secret_key="k" * 40, argon2_memory_kib=64, argon2_iterations=1)


@pytest.mark.parametrize(
    ("password", "is_accepted"),
    [
        ("1234567", False),
        ("qm7!x2zk", True),
        ("12345678", False),
        ("Password1", False),
        ("x" * 128, True),
        ("x" * 129, False),
        ("ann.lee@example.com", False),
        ("ANN.LEE@example.com", False),
        (" ann.lee@example.com ", False),
        ("ann-the-great", False),
        ("ann-the-great!", True),
        ("пароль123", True),
    ],
)
def test_password_rules(password, is_accepted):
    def check():
        passwords.ensure_acceptable(password, username="ann-the-great", email="ann.lee@example.com")

    if is_accepted:
        check()
    else:
        with pytest.raises(InvalidValue) as refusal:
            check()
        assert list(refusal.value.fields) == ["password"]


def test_the_default_hash_is_argon2id_with_owasps_parameters():
    made = passwords.hash_password("correct horse", Settings())
    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_hash_opens_to_its_own_password_only():
    made = passwords.hash_password("correct horse", SETTINGS)
    assert passwords.verify_password("correct horse", made, SETTINGS)
    assert not passwords.verify_password("correct horse ", made, SETTINGS)
    assert not passwords.verify_password("correct horse", None, SETTINGS)
    assert not passwords.verify_password("correct horse", "not a hash", SETTINGS)


def test_one_password_from_two_keyboards_is_one_password():
    made = passwords.hash_password("caf\u00e9 au lait", SETTINGS)
    assert passwords.verify_password("cafe\u0301 au lait", made, SETTINGS)


def test_a_hash_of_other_parameters_is_due_for_a_new_one():
    made = passwords.hash_password("correct horse", SETTINGS)
    assert not passwords.needs_rehash(made, SETTINGS)
    assert passwords.needs_rehash(made, replace(SETTINGS, argon2_iterations=2))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Ann", "ann"), ("  Ann.Lee ", "ann.lee"), ("STRASSE-ß", "strasse-ss"), ("ﬁona", "fiona"), ("x" * 150, "x" * 150)],
)
def test_usernames_are_compared_casefolded(typed, kept):
    assert names.clean_username(typed) == kept


@pytest.mark.parametrize(
    ("first_name", "greeted"),
    [
        ("Ann", "Ann"),
        (" Jean-Luc ", "Jean-Luc"),
        ("Şükrü", "Şükrü"),
        ("O’Neil", "O’Neil"),
        (None, ""),
        ("win at evil.example", ""),
        ("https://evil.example", ""),
        ("x" * 41, ""),
    ],
)
def test_a_stranger_is_greeted_by_a_name_only(first_name, greeted):
    assert names.greeting(first_name) == greeted


@pytest.mark.parametrize("typed", ["", "an", "x" * 151, "ann lee", "ann\tlee", "ann/lee", "email:x", "a\x00bc"])
def test_unusable_usernames(typed):
    with pytest.raises(InvalidValue):
        names.clean_username(typed)


@pytest.mark.parametrize(
    "typed", ["ann@example.com", "a+b@x.co.uk", "o'neil@example.com", "用户@例子.中国", "a@localhost"]
)
def test_usable_emails(typed):
    assert names.clean_email(typed.upper()) == typed


@pytest.mark.parametrize(
    "typed",
    ["", "ann", "ann@", "@example.com", "a b@example.com", "a@b@c.com", "a@x..com", "a@x.com\nBcc: b@x.com",
     "a@" + "x" * 190 + ".com"],
)  # fmt: skip
def test_unusable_emails(typed):
    with pytest.raises(InvalidValue):
        names.clean_email(typed)


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("+1 415 555 2671", "DE", "+14155552671"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("030 123456", "DE", "+4930123456"),
        ("+44 20 7946 0123", "", "+442079460123"),
    ],
)
def test_phones_are_kept_as_e164(typed, country, kept):
    assert clean_phone(typed, country=country) == kept


@pytest.mark.parametrize("typed", ["12", "+1 415 555", "call me", "0415 555 2671 x"])
def test_no_phones(typed):
    with pytest.raises(InvalidValue):
        clean_phone(typed, country="")


@pytest.mark.parametrize(
    ("flags", "rank", "is_staff"),
    [
        ({"is_student": False}, 0, False),
        ({}, 1, False),
        ({"is_seller": True}, 1, False),
        ({"is_staff": True}, 1, True),
        ({"is_teacher": True}, 2, True),
        ({"is_admin": True}, 3, True),
        ({"is_superuser": True, "is_student": False}, 3, True),
    ],
)
def test_ranks(flags, rank, is_staff):
    user = User(username="ann", email="ann@example.com", **flags)
    assert (rights.rank_of(user), rights.is_staff(user)) == (rank, is_staff)


@pytest.mark.parametrize(
    ("flags", "held", "missing"),
    [
        ({}, set(), {"catalog.import", "users.user.read"}),
        ({"is_seller": True}, {"catalog.import", "stores.store.write"}, {"users.user.read", "catalog.category.write"}),
        ({"is_teacher": True}, {"catalog.item.write"}, {"stores.store.write", "users.user.manage"}),
        ({"is_admin": True}, {"users.user.manage", "payments.refund.write"}, {"system.settings.write"}),
        ({"is_superuser": True}, {"users.user.manage", "system.settings.write"}, set()),
    ],
)
def test_permissions_follow_the_flags(flags, held, missing):
    codes = rights.permissions_of(User(username="ann", email="ann@example.com", **flags))
    assert held <= codes
    assert not missing & codes


@pytest.mark.parametrize("status", [BANNED, INACTIVE])
def test_a_blocked_user_is_refused(status):
    with pytest.raises(rights.UserInactive):
        rights.ensure_active(User(username="ann", email="ann@example.com", status=status))


def test_an_access_token_lives_for_its_hour():
    token = tokens.new_access_token("ann", "s1", now=NOW, settings=SETTINGS)
    claim = tokens.read_access_token(token, now=NOW + timedelta(seconds=3599), settings=SETTINGS)
    assert (claim.user_id, claim.session_id) == ("ann", "s1")
    with pytest.raises(rights.Unauthenticated):
        tokens.read_access_token(token, now=NOW + timedelta(seconds=3600), settings=SETTINGS)


def test_a_refresh_token_lives_for_thirty_days():
    token = tokens.new_refresh_token("ann", "s1", now=NOW, settings=SETTINGS)
    tokens.read_refresh_token(token, now=NOW + timedelta(days=30, seconds=-1), settings=SETTINGS)
    with pytest.raises(rights.Unauthenticated):
        tokens.read_refresh_token(token, now=NOW + timedelta(days=30), settings=SETTINGS)


def test_one_kind_of_token_does_not_pass_for_the_other():
    access = tokens.new_access_token("ann", "s1", now=NOW, settings=SETTINGS)
    refresh = tokens.new_refresh_token("ann", "s1", now=NOW, settings=SETTINGS)
    with pytest.raises(rights.Unauthenticated):
        tokens.read_refresh_token(access, now=NOW, settings=SETTINGS)
    with pytest.raises(rights.Unauthenticated):
        tokens.read_access_token(refresh, now=NOW, settings=SETTINGS)


@pytest.mark.parametrize(
    "forge",
    [
        lambda claims: jwt.encode(claims, "another key of thirty-two letters!", algorithm="HS256"),
        lambda claims: jwt.encode(claims, SETTINGS.secret_key, algorithm="HS256"),
        lambda claims: jwt.encode(claims, None, algorithm="none"),
        lambda claims: "no token at all",
        lambda claims: "",
    ],
)
def test_forged_tokens_are_refused(forge):
    claims = {"typ": "access", "sub": "ann", "sid": "s1", "exp": 4_000_000_000}
    with pytest.raises(rights.Unauthenticated):
        tokens.read_access_token(forge(claims), now=NOW, settings=SETTINGS)


@pytest.mark.parametrize("cookie", ["", "a", "a.b", "a.b.", "..x", "a.b.c.d", "a.b." + "x" * 300, "ä.b.c"])
def test_texts_that_are_no_cookie(cookie):
    with pytest.raises(rights.Unauthenticated):
        tokens.read_cookie(cookie)


def test_a_cookie_names_its_session_and_is_never_twice_the_same():
    first, second = tokens.new_cookie("ann", "s1"), tokens.new_cookie("ann", "s1")
    claim = tokens.read_cookie(first)
    assert (claim.user_id, claim.session_id) == ("ann", "s1")
    assert first != second
    assert not tokens.is_same_secret(claim.secret_hash, tokens.read_cookie(second).secret_hash)
    assert not tokens.is_same_secret(claim.secret_hash, None)


def test_referral_codes_are_eight_letters_and_stay_the_same():
    first = registration.referral_code("37oZ5RdUqYdu11WRgYg26zC0HAf", 0)
    assert re.fullmatch("[A-Z0-9]{8}", first)
    assert registration.referral_code("37oZ5RdUqYdu11WRgYg26zC0HAf", 0) == first
    assert registration.referral_code("37oZ5RdUqYdu11WRgYg26zC0HAf", 1) != first
    assert registration.referral_code("37oZ5RdUqYdu11WRgYg26zC4vnc", 0) != first
