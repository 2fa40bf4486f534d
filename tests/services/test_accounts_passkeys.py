"""Passkeys against the real store, with keys and signatures of an authenticator in software."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from app.models.accounts import BANNED, FederatedLink, Passkey, PasskeyCredential, User, UserSession
from app.services import accounts as account_service
from app.services.accounts import (
    FreshProof,
    SecondFactorGiven,
    TokenInvalid,
    UserInactive,
    passkey_login,
    passkeys,
    recovery,
    second_login,
    ways_in,
)
from app.services.accounts.forgetting import credential_hash
from app.services.accounts.passkeys import PasskeyInvalid, PasskeyRefused
from app.services.accounts.second_step import ContactUnconfirmed
from app.services.accounts.ways_in import LastWayIn
from app.utils.errors import NotFound
from app.utils.ids import new_id
from tests.authenticator import ORIGIN, Authenticator, b64, unb64
from tests.factor_people import (
    NOW,
    PHONE,
    another_login_of,
    ask_for_second_step,
    log_in,
    mails_of,
    make_person,
    turn_on_app,
    unconfirmed,
)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def kim(settings):
    return make_person(settings)


@pytest.fixture
def lee(settings):
    return make_person(settings)


@pytest.fixture
def add(settings):
    """Call it: the device has a passkey of this person."""

    def add(person, device, name="Kim's phone", *, now=NOW, **unusual):
        options = passkeys.begin_making(person, now=NOW, settings=settings)
        return passkeys.add(person, device.create(options, **unusual), name, now=now, settings=settings)

    return add


@pytest.fixture
def enter(settings):
    """Call it: log in by the device's passkey."""

    def enter(device, name="", *, now=NOW, **unusual):
        options = passkey_login.begin(name, now=NOW, settings=settings)
        credential = device.get(options, **unusual)
        return passkey_login.log_in(credential, PHONE, replaces=None, now=now, settings=settings)

    return enter


# making


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_a_passkey_of_each_algorithm_logs_in(kim, add, enter, algorithm):
    device = Authenticator(algorithm)
    passkey = add(kim, device)
    signed_in = enter(device)
    assert signed_in.user.id == kim.id
    assert UserSession.find(*signed_in.session.key).second_factor_at == NOW
    row = Passkey.find(kim.id, passkey.id)
    assert (row.name, row.sign_count, row.last_used_at) == ("Kim's phone", 1, NOW)
    assert row.transports == {"internal", "hybrid"}


def test_the_options_ask_for_what_the_site_wants(kim, add, settings):
    device = Authenticator()
    add(kim, device)
    options = passkeys.begin_making(kim, now=NOW, settings=settings)
    assert options["rp"] == {"id": "localhost", "name": "Marketplace"}
    assert unb64(options["user"]["id"]) == kim.id.encode()
    assert kim.email not in b64(unb64(options["user"]["id"]))
    assert [entry["id"] for entry in options["excludeCredentials"]] == [b64(device.credential_id)]
    assert {entry["alg"] for entry in options["pubKeyCredParams"]} == {-8, -7, -257}
    assert options["attestation"] == "none" and len(unb64(options["challenge"])) == 32
    assert options["authenticatorSelection"]["residentKey"] == "preferred"


@pytest.mark.parametrize(
    "unusual",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://localhost:8001"},
        {"origin": "https://localhost:8000"},
        {"rp_id": "evil.example"},
        {"challenge": b64(b"c" * 32)},
        {"type": "webauthn.get"},
        {"present": False},
    ],
    ids=str,
)
def test_what_was_made_elsewhere_is_no_passkey_here(kim, add, unusual):
    with pytest.raises(PasskeyInvalid):
        add(kim, Authenticator(), **unusual)
    assert passkeys.list_passkeys(kim.id) == []


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_a_broken_attestation_is_refused(kim, settings, algorithm):
    for place in ("attestationObject", "clientDataJSON"):
        for content in (b"", b"\xa0", b"\xff" * 40, b"[" * 5000, b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", b"{}"):
            options = passkeys.begin_making(kim, now=NOW, settings=settings)
            credential = Authenticator(algorithm).create(options)
            credential["response"][place] = b64(content)
            with pytest.raises(PasskeyInvalid):
                passkeys.add(kim, credential, "x", now=NOW, settings=settings)


def test_a_challenge_makes_one_passkey_for_one_person_within_five_minutes(kim, settings, lee):
    options = passkeys.begin_making(kim, now=NOW, settings=settings)
    passkeys.add(kim, Authenticator().create(options), "first", now=NOW, settings=settings)
    for person, now in ((kim, NOW), (lee, NOW)):
        with pytest.raises(PasskeyInvalid):
            passkeys.add(person, Authenticator().create(options), "again", now=now, settings=settings)
    options = passkeys.begin_making(kim, now=NOW, settings=settings)
    with pytest.raises(PasskeyInvalid):
        passkeys.add(lee, Authenticator().create(options), "of kim", now=NOW, settings=settings)
    options = passkeys.begin_making(kim, now=NOW, settings=settings)
    with pytest.raises(PasskeyInvalid):
        late = NOW + timedelta(minutes=5)
        passkeys.add(kim, Authenticator().create(options), "late", now=late, settings=settings)


def test_a_login_challenge_makes_no_passkey(kim, settings):
    options = passkeys.begin_making(kim, now=NOW, settings=settings)
    options["challenge"] = passkey_login.begin("", now=NOW, settings=settings)["challenge"]
    with pytest.raises(PasskeyInvalid):
        passkeys.add(kim, Authenticator().create(options), "x", now=NOW, settings=settings)


def test_a_credential_is_one_persons(kim, add, enter, settings, lee):
    device = Authenticator()
    add(kim, device)
    with pytest.raises(PasskeyInvalid):
        add(lee, device)
    device.user_handle = kim.id.encode()
    assert enter(device).user.id == kim.id
    assert passkeys.list_passkeys(lee.id) == []


def test_of_two_people_who_claim_a_credential_at_once_one_gets_it(settings):
    device = Authenticator()
    people = [make_person(settings) for _ in range(4)]
    made = [(person, device.create(passkeys.begin_making(person, now=NOW, settings=settings))) for person in people]

    def claim(pair):
        try:
            return passkeys.add(pair[0], pair[1], "mine", now=NOW, settings=settings)
        except PasskeyInvalid:
            return None

    with ThreadPoolExecutor(4) as pool:
        assert len([one for one in pool.map(claim, made) if one]) == 1


def test_a_claim_that_a_crash_left_does_not_keep_its_person_out(kim, add, enter, settings, lee):
    device = Authenticator()
    passkey = add(kim, device)
    Passkey.find(kim.id, passkey.id).delete_if_unchanged()
    with pytest.raises(PasskeyRefused):
        enter(device)
    with pytest.raises(PasskeyInvalid):
        add(lee, device)
    add(kim, device)
    assert enter(device).user.id == kim.id


def test_an_account_has_twenty_passkeys_at_most(kim, add, settings):
    for _ in range(20):
        add(kim, Authenticator())
    with pytest.raises(PasskeyInvalid, match="20"):
        passkeys.begin_making(kim, now=NOW, settings=settings)


# logging in


def test_the_name_may_be_given(kim, add, enter, settings):
    device = Authenticator()
    add(kim, device)
    options = passkey_login.begin(f" {kim.email.upper()} ", now=NOW, settings=settings)
    assert [entry["id"] for entry in options["allowCredentials"]] == [b64(device.credential_id)]
    assert options["userVerification"] == "required" and options["rpId"] == "localhost"
    assert enter(device, kim.email).user.id == kim.id
    assert enter(device, kim.email, with_handle=False).user.id == kim.id
    assert not passkey_login.begin("", now=NOW, settings=settings).get("allowCredentials")


def test_an_unknown_name_gets_options_like_any_other(kim, add, enter, settings):
    device = Authenticator()
    add(kim, device)
    known = passkey_login.begin(kim.email, now=NOW, settings=settings)
    name = f"nobody-{new_id()}@example.com"
    first, second = (passkey_login.begin(name, now=NOW, settings=settings) for _ in range(2))
    assert first.keys() == known.keys() == second.keys()
    assert first["allowCredentials"] == second["allowCredentials"] != []
    for entry in first["allowCredentials"]:
        assert entry["type"] == "public-key" and len(unb64(entry["id"])) >= 16
    assert first["challenge"] != second["challenge"]
    with pytest.raises(PasskeyRefused):
        enter(device, name)


def test_somebody_without_passkeys_looks_like_nobody(settings):
    person = make_person(settings)
    first, second = (passkey_login.begin(person.email, now=NOW, settings=settings) for _ in range(2))
    assert first["allowCredentials"] == second["allowCredentials"] != []


@pytest.mark.parametrize(
    "unusual",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"challenge": b64(b"c" * 32)},
        {"type": "webauthn.create"},
        {"present": False},
        {"verified": False},
        {"with_handle": False},
        {"handle": b"somebody else"},
        {"handle": b"\xff\xfe"},
    ],
    ids=str,
)
def test_what_was_signed_for_another_purpose_is_refused(kim, add, enter, unusual):
    device = Authenticator()
    add(kim, device)
    with pytest.raises(PasskeyRefused) as refusal:
        enter(device, **unusual)
    assert refusal.value.message == "This passkey was not accepted."
    assert enter(device).user.id == kim.id


def test_an_assertion_is_good_once_and_within_five_minutes(kim, add, settings):
    device = Authenticator()
    add(kim, device)
    options = passkey_login.begin("", now=NOW, settings=settings)
    credential = device.get(options)
    passkey_login.log_in(credential, PHONE, replaces=None, now=NOW, settings=settings)
    for replayed in (credential, device.get(options)):
        with pytest.raises(PasskeyRefused):
            passkey_login.log_in(replayed, PHONE, replaces=None, now=NOW, settings=settings)
    late = device.get(passkey_login.begin("", now=NOW, settings=settings))
    with pytest.raises(PasskeyRefused):
        passkey_login.log_in(late, PHONE, replaces=None, now=NOW + timedelta(minutes=5), settings=settings)


def test_of_many_uses_of_one_assertion_one_gets_in(kim, add, settings):
    device = Authenticator(count=None)
    add(kim, device)
    credential = device.get(passkey_login.begin("", now=NOW, settings=settings))

    def enter(_):
        try:
            return passkey_login.log_in(credential, PHONE, replaces=None, now=NOW, settings=settings)
        except PasskeyRefused:
            return None

    with ThreadPoolExecutor(6) as pool:
        assert len([one for one in pool.map(enter, range(6)) if one]) == 1


def test_another_key_does_not_sign_for_this_credential(kim, add, enter):
    device = Authenticator()
    add(kim, device)
    thief = Authenticator(credential_id=device.credential_id, user_handle=device.user_handle, count=5)
    with pytest.raises(PasskeyRefused):
        enter(thief)
    assert Passkey.find(kim.id, passkeys.list_passkeys(kim.id)[0].id).sign_count == 0


@pytest.mark.parametrize("place", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
def test_a_broken_assertion_is_refused(kim, add, settings, place):
    device = Authenticator()
    add(kim, device)
    for content in (b"", b"\xff" * 40, b"{}", b'{"challenge": 7}', b'{"challenge": null}', b"[" * 5000):
        credential = device.get(passkey_login.begin(kim.email, now=NOW, settings=settings))
        credential["response"][place] = b64(content)
        if place == "userHandle" and not content:
            continue
        with pytest.raises(PasskeyRefused):
            passkey_login.log_in(credential, PHONE, replaces=None, now=NOW, settings=settings)


@pytest.mark.parametrize(
    "credential", [{}, {"id": "x"}, {"id": "x", "rawId": "y", "type": "public-key", "response": {}}]
)
def test_what_is_no_credential_is_refused(settings, credential):
    with pytest.raises(PasskeyRefused):
        passkey_login.log_in(credential, PHONE, replaces=None, now=NOW, settings=settings)


def test_a_device_that_does_not_count_may_go_on_doing_so(kim, add, enter):
    device = Authenticator(count=None)
    add(kim, device)
    assert enter(device).user.id == enter(device).user.id == kim.id


@pytest.mark.parametrize("count", [0, 3, 5])
def test_a_count_that_does_not_go_on_locks_the_passkey_and_tells_its_owner(kim, add, enter, settings, count):
    device = Authenticator(count=4)
    passkey = add(kim, device)
    enter(device)  # 5
    with pytest.raises(PasskeyRefused):
        enter(device, count=count)
    assert Passkey.find(kim.id, passkey.id).locked_at == NOW
    with pytest.raises(PasskeyRefused):
        enter(device, count=100)
    (told,) = [mail for mail in mails_of(kim) if mail.subject == "We have locked one of your passkeys"]
    assert "Kim's phone" in told.text
    options = passkey_login.begin(kim.email, now=NOW, settings=settings)
    assert b64(device.credential_id) not in {entry["id"] for entry in options["allowCredentials"]}


def test_a_banned_owner_does_not_get_in(kim, add, enter):
    device = Authenticator()
    add(kim, device)
    User.find(kim.id).update(status=BANNED)
    with pytest.raises(UserInactive):
        enter(device)


def test_a_login_by_passkey_needs_no_second_step(kim, add, enter, settings):
    device = Authenticator()
    add(kim, device)
    turn_on_app(kim, settings)
    assert enter(device).user.id == kim.id
    ask_for_second_step(kim, settings)


# second step


def test_a_passkey_is_a_second_factor_even_without_verification(kim, add, settings):
    device = Authenticator(verifies=False)
    add(kim, device)
    turn_on_app(kim, settings)
    ticket = ask_for_second_step(kim, settings)["ticket"]
    options = second_login.begin_passkey(ticket, now=NOW, settings=settings)
    assert [entry["id"] for entry in options["allowCredentials"]] == [b64(device.credential_id)]
    given = SecondFactorGiven("passkey", credential=device.get(options, with_handle=False))
    signed_in = second_login.finish(ticket, given, replaces=None, now=NOW, settings=settings)
    assert (signed_in.user.id, signed_in.session.second_factor_at) == (kim.id, NOW)


def test_another_persons_passkey_is_no_second_factor(kim, add, settings, lee):
    mine, theirs = Authenticator(), Authenticator()
    add(kim, mine)
    add(lee, theirs)
    turn_on_app(kim, settings)
    turn_on_app(lee, settings)
    ticket, of_lee = (ask_for_second_step(person, settings)["ticket"] for person in (kim, lee))
    for options in (
        second_login.begin_passkey(ticket, now=NOW, settings=settings),
        second_login.begin_passkey(of_lee, now=NOW, settings=settings),
        passkey_login.begin("", now=NOW, settings=settings),
    ):
        given = SecondFactorGiven("passkey", credential=theirs.get(options))
        with pytest.raises(PasskeyRefused):
            second_login.finish(ticket, given, replaces=None, now=NOW, settings=settings)


def test_no_passkey_options_for_a_made_up_ticket(settings):
    with pytest.raises(TokenInvalid):
        second_login.begin_passkey("made-up-ticket-made-up", now=NOW, settings=settings)


def test_passkeys_alone_ask_customers_for_nothing_and_staff_where_they_must(kim, add, settings):
    strict, boss = replace(settings, second_factor_required_for_staff=True), make_person(settings, is_admin=True)
    for person in (kim, boss):
        add(person, Authenticator())
        assert log_in(person, settings).user.id == person.id
    assert log_in(kim, strict).user.id == kim.id
    assert ask_for_second_step(boss, strict)["methods"] == ["passkey"]
    recovery.renew(boss, now=NOW, settings=strict)
    assert ask_for_second_step(boss, strict)["methods"] == ["recovery", "passkey"]


def test_a_factor_set_up_beside_another_does_not_stand_for_it(settings, add):
    boss = make_person(settings, is_admin=True)
    add(boss, Authenticator())
    assert UserSession.find(*boss.session.key).second_factor_at == NOW
    old = another_login_of(boss, settings)
    add(old, Authenticator())
    turn_on_app(old, settings)
    assert UserSession.find(*old.session.key).second_factor_at is None


# proving again


def test_a_passkey_proves_again(kim, add, settings):
    device, late = Authenticator(), NOW + timedelta(minutes=30)
    add(kim, device)
    options = account_service.begin_passkey_proof(kim, now=late, settings=settings)
    account_service.prove(kim, FreshProof(credential=device.get(options)), now=late, settings=settings)
    assert UserSession.find(*kim.session.key).proved_at == late


def test_what_proves_nothing(kim, add, settings, lee):
    mine, theirs = Authenticator(), Authenticator()
    add(kim, mine)
    add(lee, theirs)

    def options(person=kim):
        return account_service.begin_passkey_proof(person, now=NOW, settings=settings)

    unproved = (
        mine.get(options(), verified=False),
        theirs.get(options()),
        theirs.get(options(lee)),
        mine.get(options(lee)),
        mine.get(passkey_login.begin("", now=NOW, settings=settings)),
    )
    for credential in unproved:
        with pytest.raises(PasskeyRefused):
            account_service.prove(
                kim, FreshProof(credential=credential), now=NOW + timedelta(minutes=1), settings=settings
            )
    assert UserSession.find(*kim.session.key).proved_at == NOW


# looking after them


def test_a_passkey_is_renamed_by_its_owner(kim, add, lee):
    passkey = add(kim, Authenticator())
    assert passkeys.rename(kim.id, passkey.id, "Old phone").name == "Old phone"
    with pytest.raises(NotFound):
        passkeys.rename(lee.id, passkey.id, "Stolen")


def test_a_removed_passkey_opens_nothing(kim, add, enter, lee):
    device = Authenticator()
    passkey = add(kim, device)
    with pytest.raises(NotFound):
        passkeys.remove(lee, passkey.id, now=NOW)
    passkeys.remove(kim, passkey.id, now=NOW)
    with pytest.raises(PasskeyRefused):
        enter(device)
    with pytest.raises(NotFound):
        passkeys.remove(kim, passkey.id, now=NOW)
    assert {mail.subject for mail in mails_of(kim)} == {
        "The passkey “Kim's phone” was added to your account",
        "The passkey “Kim's phone” was removed from your account",
    }
    add(kim, device)


def test_no_passkey_is_added_before_an_address_or_number_is_confirmed(add, settings):
    kim = unconfirmed(make_person(settings))
    device = Authenticator()
    with pytest.raises(ContactUnconfirmed):
        passkeys.begin_making(kim, now=NOW, settings=settings)
    with pytest.raises(ContactUnconfirmed):
        passkeys.add(kim, {}, "Kim's phone", now=NOW, settings=settings)
    kim.user.update(phone="+12175550123", phone_confirmed_at=NOW)
    assert add(replace(kim, user=User.find(kim.id)), device).name == "Kim's phone"


def test_the_last_way_in_stays(add, settings):
    kim = make_person(settings, None)
    first, second = add(kim, Authenticator()), add(kim, Authenticator())
    kim = unconfirmed(kim)
    passkeys.remove(kim, first.id, now=NOW)
    with pytest.raises(LastWayIn):
        passkeys.remove(kim, second.id, now=NOW)
    assert [passkey.id for passkey in passkeys.list_passkeys(kim.id)] == [second.id]
    confirmed = replace(kim, user=kim.user.update(email_confirmed_at=NOW))
    passkeys.remove(confirmed, second.id, now=NOW)


def test_two_removals_at_once_do_not_take_the_last_two_ways(add, settings):
    for _ in range(5):
        kim = make_person(settings, None)
        ids = [add(kim, Authenticator()).id for _ in range(3)]
        kim = unconfirmed(kim)

        def remove(passkey_id, kim=kim):
            try:
                passkeys.remove(kim, passkey_id, now=NOW)
            except LastWayIn:
                return passkey_id

        with ThreadPoolExecutor(3) as pool:
            kept = [one for one in pool.map(remove, ids) if one]
        assert [passkey.id for passkey in passkeys.list_passkeys(kim.id)] == kept
        assert len(kept) == 1


def test_a_locked_passkey_is_no_way_in(add, settings):
    kim = make_person(settings, None)
    first, second = add(kim, Authenticator()), add(kim, Authenticator())
    kim = unconfirmed(kim)
    Passkey.change(first.key, lambda row: {"locked_at": NOW})
    with pytest.raises(LastWayIn):
        passkeys.remove(kim, second.id, now=NOW)
    FederatedLink.create_if_absent(user_id=kim.id, id="x", provider="p", issuer="i", subject=new_id(), linked_at=NOW)
    passkeys.remove(kim, second.id, now=NOW)
    assert ways_in.ways_into(kim.user) == {"login:x"}


def test_rows_show_no_key_and_no_credential(kim, add):
    device = Authenticator()
    passkey = add(kim, device)
    shown = repr(passkey) + str(passkey) + repr(PasskeyCredential.find(credential_hash(b64(device.credential_id))))
    assert b64(device.credential_id) not in shown and "public_key" not in shown
    assert ORIGIN not in shown
