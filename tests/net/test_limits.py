"""Who is slowed at which door, and who is not (spec: accounts, 2; docs-source/operations.md, "Limits")."""

from dataclasses import replace

import pytest

from app.net.middlewares.familiar import COOKIE as FAMILIAR
from app.utils.ids import new_id
from tests.letters import code_in, letter_by

PASSWORD = "correct horse battery"
SECRET, MESSAGE = "secret", "message"
DOORS = {
    "register": SECRET,
    "log_in": SECRET,
    "refresh": SECRET,
    "prove": SECRET,
    "get_otp": MESSAGE,
    "verify_otp": SECRET,
    "confirm_email": SECRET,
    "resend_confirmation": MESSAGE,
    "change_password": SECRET,
    "request_password_reset": MESSAGE,
    "reset_password": SECRET,
    "activate": SECRET,
    "take_second_step": SECRET,
    "begin_passkey_second_step": SECRET,
    "confirm_totp": SECRET,
    "add_passkey": SECRET,
    "begin_passkey_login": SECRET,
    "log_in_by_passkey": SECRET,
    "start_social_login": SECRET,
    "finish_social_login": SECRET,
    "log_in_by_provider": SECRET,
}


def door_of(app, endpoint: str) -> str:
    return getattr(app.view_functions[endpoint], "door", "")


def test_every_door_that_takes_a_secret_or_sends_something_has_its_limit(app):
    assert {name: door_of(app, f"auth.{name}") for name in DOORS} == DOORS


def test_no_door_of_accounts_that_anybody_may_write_to_is_without_one(app):
    open_doors = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("auth.")
        and rule.methods & {"POST", "PUT", "PATCH", "DELETE"}
        and app.view_functions[rule.endpoint].access.kind in ("public", "optional")
    }
    assert open_doors
    assert {endpoint for endpoint in open_doors if not door_of(app, endpoint)} == set()


@pytest.fixture
def limited(stores, make_app):
    """Makes an application with these limits, behind a proxy; `from_(address)` is a new browser there."""

    def make(**limits: int):
        roomy = {"rate_limit_visitor_per_minute": 1000, "rate_limit_user_per_minute": 1000}
        made = make_app(replace(stores, rate_limit_enabled=True, trusted_proxies=1, **(roomy | limits)))
        return lambda address: Browser(made.test_client(), address)

    return make


class Browser:
    """A browser at an address."""

    def __init__(self, client, address: str) -> None:
        self.client, self.address = client, address

    def post(self, path: str, body: dict, *, address: str = ""):
        headers = {"X-Forwarded-For": address or self.address}
        if self.client.get_cookie(FAMILIAR) or self.client.get_cookie("login_session"):
            token = self.client.get("/api/auth/csrf", headers=headers).json["data"]["csrf_token"]
            headers["X-CSRF-Token"] = token
        return self.client.post(path, json=body, headers=headers)

    def log_in(self, email: str, password: str = PASSWORD, **where: str) -> str:
        """What came of it: `in`, or the error's code."""
        answer = self.post("/api/auth/login", {"email": email, "password": password}, **where)
        return "in" if answer.status_code == 200 else answer.json["error"]["code"]

    def join(self) -> str:
        email = f"person-{new_id()}@example.com".lower()
        assert self.post("/api/auth/register", {"email": email, "password": PASSWORD}).status_code == 201
        return email

    def leave(self) -> None:
        assert self.post("/api/auth/logout", {}).status_code == 204


def test_a_door_counts_an_address_and_an_ipv6_one_by_its_64(limited):
    from_ = limited(rate_limit_secrets_per_minute=3)
    nobody = f"nobody-{new_id()}@example.com"
    here = from_("2001:db8:1:2::1")
    tries = [here.log_in(nobody, address=f"2001:db8:1:2::{number}") for number in range(1, 5)]
    assert tries == ["bad_credentials"] * 3 + ["rate_limited"]
    assert here.log_in(nobody, address="2001:db8:1:3::1") == "bad_credentials"


def test_each_door_is_counted_for_itself(limited):
    here = limited(rate_limit_secrets_per_minute=1, rate_limit_messages_per_minute=1)("192.0.2.20")
    nobody = f"nobody-{new_id()}@example.com"
    refused = [
        [here.post(path, body).status_code for _ in range(2)][1]
        for path, body in (
            ("/api/auth/login", {"email": nobody, "password": "x"}),
            ("/api/auth/verify-otp", {"identifier": nobody, "code": "123456"}),
            ("/api/auth/get-otp", {"identifier": nobody, "purpose": "login"}),
            ("/api/auth/password/reset", {"email": nobody}),
            ("/api/auth/refresh", {"refresh_token": "x"}),
            ("/api/auth/activate", {"token": "x", "password": PASSWORD}),
        )
    ]
    assert refused == [429] * 6


def test_an_address_that_tries_many_names_has_to_wait_and_another_one_does_not(limited):
    from_ = limited(login_failures_allowed_per_address=4, rate_limit_secrets_per_minute=1000)
    here, email = from_("192.0.2.30"), from_("192.0.2.31").join()
    names = [f"nobody-{new_id()}@example.com" for _ in range(5)]
    assert [here.log_in(name, "wrong") for name in names] == ["bad_credentials"] * 4 + ["too_many_attempts"]
    answer = here.post("/api/auth/login", {"email": email, "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) == answer.json["error"]["details"]["retry_after_seconds"] > 800
    assert from_("192.0.2.32").log_in(email) == "in"


def test_an_own_account_does_not_buy_an_address_more_guesses(limited):
    from_ = limited(login_failures_allowed_per_address=4, rate_limit_secrets_per_minute=1000)
    own = from_("192.0.2.40").join()
    nobody = f"nobody-{new_id()}@example.com"
    guesses = []
    for number in range(5):
        guesses.append(from_("192.0.2.41").log_in(f"{number}-{nobody}", "wrong"))
        if number < 4:
            guesses.append(from_("192.0.2.41").log_in(own))
    assert guesses.count("bad_credentials") <= 4
    assert guesses[-1] == "too_many_attempts"


def test_whoever_guesses_at_an_account_does_not_lock_its_owner_out_of_their_browser(limited):
    from_ = limited(rate_limit_secrets_per_minute=1000)
    owner = from_("192.0.2.50")
    email = owner.join()
    owner.leave()
    tries = [from_(f"198.51.100.{number}").log_in(email, "wrong") for number in range(12)]
    assert tries == ["bad_credentials"] * 10 + ["too_many_attempts"] * 2
    assert from_("192.0.2.51").log_in(email) == "too_many_attempts"
    assert owner.log_in(email) == "in"
    assert owner.log_in(email, address="203.0.113.9") == "in"
    assert owner.post("/api/auth/prove", {"password": PASSWORD}).status_code == 204
    # and the owner's success gives the others no new tries
    assert from_("198.51.100.99").log_in(email, "wrong") == "too_many_attempts"


def test_a_locked_account_is_still_open_to_who_reads_its_mail(limited):
    from_ = limited(rate_limit_secrets_per_minute=1000)
    email = from_("192.0.2.60").join()
    for number in range(11):
        from_(f"198.51.100.{number}").log_in(email, "wrong")
    new = from_("192.0.2.61")
    assert new.log_in(email) == "too_many_attempts"
    code = code_in(letter_by(lambda: new.post("/api/auth/get-otp", {"identifier": email, "purpose": "login"}), email))
    proved = new.post("/api/auth/verify-otp", {"identifier": email, "code": code}).json["data"]
    answer = new.post("/api/auth/login", {"verification_token": proved["verification_token"]})
    assert answer.status_code == 200


def test_a_familiar_browser_has_ten_tries_too(limited):
    owner = limited(rate_limit_secrets_per_minute=1000)("192.0.2.70")
    email = owner.join()
    owner.leave()
    assert [owner.log_in(email, "wrong") for _ in range(11)] == ["bad_credentials"] * 10 + ["too_many_attempts"]


def test_a_browser_is_familiar_to_its_own_people_only(limited):
    from_ = limited(rate_limit_secrets_per_minute=1000)
    guesser, email = from_("192.0.2.80"), from_("192.0.2.81").join()
    guesser.join()
    guesser.leave()
    assert [guesser.log_in(email, "wrong") for _ in range(11)][-1] == "too_many_attempts"
    assert from_("192.0.2.82").log_in(email) == "too_many_attempts"


@pytest.mark.parametrize("forged", ["x", "a.b.c", ""])
def test_a_forged_token_of_a_familiar_browser_is_a_strangers(limited, forged):
    from_ = limited(rate_limit_secrets_per_minute=2)
    here = from_("192.0.2.90")
    here.client.set_cookie(FAMILIAR, forged)
    there = from_("192.0.2.91")
    assert there.log_in(there.join()) == "in"
    tries = [here.log_in(f"nobody-{new_id()}@example.com", "x") for _ in range(3)]
    assert tries == ["bad_credentials", "bad_credentials", "rate_limited"]


def test_people_behind_one_address_are_counted_by_their_familiar_browsers(limited):
    from_ = limited(rate_limit_secrets_per_minute=4)
    pupils = [from_("192.0.2.100") for _ in range(3)]
    emails = [pupil.join() for pupil in pupils]
    for pupil in pupils:
        pupil.leave()
    assert [from_("192.0.2.100").log_in(f"nobody-{new_id()}@example.com", "wrong") for _ in range(5)][
        -1
    ] == "rate_limited"
    assert [pupil.log_in(email) for pupil, email in zip(pupils, emails, strict=True)] == ["in"] * 3


def test_the_token_of_a_familiar_browser_opens_nothing(limited):
    owner = limited()("192.0.2.110")
    owner.join()
    familiar = owner.client.get_cookie(FAMILIAR)
    assert familiar.http_only and familiar.same_site == "Lax"
    stranger = limited()("192.0.2.111")
    stranger.client.set_cookie(FAMILIAR, familiar.value)
    assert stranger.client.get("/api/auth/me").status_code == 401
    assert stranger.client.get("/api/auth/me", headers={"Authorization": f"Bearer {familiar.value}"}).status_code == 401
    stranger.client.set_cookie("login_session", familiar.value)
    assert stranger.client.get("/api/auth/me").status_code == 401
