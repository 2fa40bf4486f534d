"""Codes, links and passwords over HTTP: each door's ways, and that none of them tells who has an account."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.models.accounts import User
from app.net.middlewares.access import COOKIE
from app.services import accounts as account_service
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.letters import code_in, letter_by, letters_by, letters_to, token_in

PASSWORD, NEW = "correct horse battery", "staple it 1931 again"


def fresh_email() -> str:
    return f"edna-{new_id()}@example.com".lower()


def fresh_number() -> str:
    return f"+1415{int(new_id()[-6:], 36) % 8_000_000 + 2_000_000:07d}"


@pytest.fixture
def post(app):
    """Call it: a browser without a past posts JSON to a door of accounts."""

    def post(door, body=None, *, headers=None):
        return app.test_client().post(f"/api/auth/{door}", json=body, headers=headers)

    return post


@pytest.fixture
def ask(post):
    """Call it: a code is asked for; returns it as it was sent."""

    def ask(identifier, purpose="login"):
        def send():
            assert post("get-otp", {"identifier": identifier, "purpose": purpose}).status_code == 202

        return code_in(letter_by(send, identifier))

    return ask


@pytest.fixture
def prove(post, ask):
    """Call it: a verification token for the identifier."""

    def prove(identifier, purpose="login"):
        answer = post("verify-otp", {"identifier": identifier, "code": ask(identifier, purpose)})
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        assert answer.json["data"]["expires_in"] == 600
        return answer.json["data"]["verification_token"]

    return prove


@pytest.fixture
def joined(post):
    """Somebody who signed up by email and password; returns the answer's data."""
    return post("register", {"email": fresh_email(), "password": PASSWORD}).json["data"]


def bearer(data) -> dict[str, str]:
    return {"Authorization": f"Bearer {data['access_token']}"}


def said(answer):
    """Status and body, without what differs from request to request."""
    body = dict(answer.json)
    if "error" in body:
        body["error"] = {name: value for name, value in body["error"].items() if name != "request_id"}
    return answer.status_code, body


def code_of(answer):
    return answer.status_code, answer.json["error"]["code"]


# signing up and logging in by a code


@pytest.mark.parametrize(
    ("fresh", "more"),
    [
        (fresh_email, {}),
        (fresh_email, {"password": PASSWORD}),
        (fresh_number, {"first_name": "Edna", "last_name": "Ives"}),
        (fresh_number, {"first_name": "Edna", "last_name": "Ives", "email": "edna.ives@example.com"}),
    ],
)
def test_somebody_signs_up_and_logs_in_by_code(post, prove, fresh, more):
    identifier = fresh()
    if "last_name" in more:
        more = {**more, "last_name": f"Ives {new_id()}"}
    answer = post("register", {"verification_token": prove(identifier, "register"), **more})
    assert (answer.status_code, answer.headers["Location"]) == (201, "/api/auth/me")
    user = answer.json["data"]["user"]
    is_phone = identifier.startswith("+")
    assert (user["phone"], user["phone_confirmed"]) == ((identifier, True) if is_phone else (None, False))
    assert (user["email"], user["email_confirmed"]) == (
        (more.get("email", ""), False) if is_phone else (identifier, True)
    )
    again = post("login", {"verification_token": prove(identifier)})
    assert again.status_code == 200 and COOKIE in str(again.headers.getlist("Set-Cookie"))
    assert again.json["data"]["user"]["id"] == user["id"]
    mobile = post("login", {"verification_token": prove(identifier), "client": "mobile"})
    assert mobile.status_code == 200 and COOKIE not in str(mobile.headers.getlist("Set-Cookie"))


def test_a_verification_token_is_good_once(post, prove):
    email = fresh_email()
    token = prove(email, "register")
    assert post("register", {"verification_token": token}).status_code == 201
    assert code_of(post("register", {"verification_token": token, "username": "x" * 9 + new_id()})) == (
        422,
        "token_invalid",
    )


def test_without_an_account_a_proved_address_is_told_so_and_may_sign_up(post, prove):
    token = prove(fresh_email())
    assert code_of(post("login", {"verification_token": token})) == (404, "no_account")
    assert post("register", {"verification_token": token}).status_code == 201


def test_a_code_to_sign_up_opens_no_account(post, prove, joined):
    assert code_of(post("login", {"verification_token": prove(joined["user"]["email"], "register")})) == (
        422,
        "token_invalid",
    )


def test_asking_six_times_is_asking_too_often(post):
    body = {"identifier": fresh_email(), "purpose": "login"}
    for _ in range(5):
        assert post("get-otp", body).status_code == 202
    answer = post("get-otp", body)
    assert code_of(answer) == (429, "asked_too_often")
    assert 3500 < answer.json["error"]["details"]["retry_after_seconds"] <= 3600
    assert int(answer.headers["Retry-After"]) == answer.json["error"]["details"]["retry_after_seconds"]


def test_five_wrong_codes_and_the_right_one_is_dead(post, ask):
    email = fresh_email()
    code = ask(email)
    wrong = {"identifier": email, "code": f"{(int(code) + 1) % 10**6:06d}"}
    for _ in range(5):
        answer = post("verify-otp", wrong)
        assert code_of(answer) == (422, "code_wrong")
        assert list(answer.json["error"]["fields"]) == ["code"]
    answer = post("verify-otp", {"identifier": email, "code": code})
    assert code_of(answer) == (429, "code_dead")
    assert 0 < int(answer.headers["Retry-After"]) <= 300


@pytest.mark.parametrize(
    ("door", "body", "fields"),
    [
        ("get-otp", {}, {"identifier", "purpose"}),
        ("get-otp", {"identifier": "nobody", "purpose": "login"}, {"identifier"}),
        ("get-otp", {"identifier": "a@example.com", "purpose": "reset"}, {"purpose"}),
        ("verify-otp", {"identifier": "a@example.com", "code": "12345"}, {"code"}),
        ("verify-otp", {"identifier": "a@example.com", "code": "１２３４５６"}, {"code"}),
        ("verify-otp", {"identifier": "a@example.com", "code": 123456}, {"code"}),
        ("register", {"email": "a@example.com"}, {"password"}),
        ("register", {"username": "edna-the-first", "password": PASSWORD}, {"email"}),
        ("register", {"email": "a@example.com", "password": "Password1"}, {"password"}),
        (
            "register",
            {"email": "unknown@example.com", "password": PASSWORD, "referral_code": "NOBODY00"},
            {"referral_code"},
        ),
        ("register", {"email": "a@example.com", "password": PASSWORD, "referral_code": "x" * 9}, {"referral_code"}),
        ("login", {"verification_token": "x", "username": "edna"}, {"body"}),
        ("login", {"verification_token": "x", "password": PASSWORD}, {"body"}),
        ("login", {"username": "edna"}, {"body"}),
        ("password/reset", {"email": " "}, {"email"}),
        ("password/reset/confirm", {"token": "x", "new": "short"}, {"new"}),
        ("activate", {"token": "x"}, {"password"}),
        ("confirm-email", {}, {"token"}),
    ],
)
def test_field_errors_are_named_all_at_once(post, door, body, fields):
    answer = post(door, body)
    assert code_of(answer) == (422, "invalid")
    assert set(answer.json["error"]["fields"]) == fields
    assert PASSWORD not in answer.text


@pytest.mark.parametrize(
    ("door", "body"),
    [
        ("register", {"verification_token": "made-up"}),
        ("login", {"verification_token": "made-up"}),
        ("confirm-email", {"token": "made-up"}),
        ("password/reset/confirm", {"token": "made-up", "new": NEW}),
        ("activate", {"token": "made-up", "password": NEW}),
    ],
)
def test_a_made_up_token_opens_nothing(post, door, body):
    assert code_of(post(door, body)) == (422, "token_invalid")


# no door tells who has an account


def test_a_code_is_asked_for_with_one_answer_for_all(post, joined):
    known, unknown = joined["user"]["email"], fresh_email()
    for purpose in ("login", "register"):
        answers = [
            post("get-otp", {"identifier": identifier, "purpose": purpose})
            for identifier in (known, unknown, fresh_number())
        ]
        assert [said(answer) for answer in answers] == [(202, {"data": {"expires_in": 300}})] * 3
    assert [letter.subject for letter in letters_to(unknown).values()] == [
        "Your code to log in",
        "Your code to sign up",
    ]


def test_a_wrong_code_has_one_answer_for_all(post, ask, joined):
    known, unknown = joined["user"]["email"], fresh_email()
    codes = {ask(known), ask(unknown)}
    guess = next(code for code in ("111111", "222222", "333333") if code not in codes)
    answers = [
        said(post("verify-otp", {"identifier": name, "code": guess})) for name in (known, unknown, fresh_email())
    ]
    assert answers[0] == answers[1] == answers[2]


def test_a_reset_is_asked_for_with_one_answer_for_all(post, joined):
    banned = post("register", {"email": fresh_email(), "password": PASSWORD}).json["data"]["user"]
    User.find(banned["id"]).update(status="banned")
    addresses = (joined["user"]["email"], fresh_email(), banned["email"], "no address at all")
    answers = [said(post("password/reset", {"email": address})) for address in addresses * 3]
    assert answers == [(202, {"data": {"expires_in": 3600}})] * 12


# links


def test_an_address_is_confirmed_by_its_link(app, post, joined):
    letter = letters_to(joined["user"]["email"])[f"welcome/{joined['user']['id']}"]
    assert post("confirm-email", {"token": token_in(letter)}).status_code == 204
    me = app.test_client().get("/api/auth/me", headers=bearer(joined)).json["data"]
    assert (me["email_confirmed"], me["phone_confirmed"]) == (True, False)
    assert code_of(post("confirm-email", {"token": token_in(letter)})) == (422, "token_invalid")


def test_a_link_is_sent_again_at_most_five_times_an_hour(post, joined):
    def resend():
        return post("confirm-email/resend", headers=bearer(joined))

    for _ in range(5):
        assert said(resend()) == (202, {"data": {"expires_in": 604800}})
    assert code_of(resend()) == (429, "asked_too_often")
    assert code_of(post("confirm-email/resend")) == (401, "unauthenticated")


def test_a_password_is_changed(app, post, joined):
    email = joined["user"]["email"]
    other = post("login", {"email": email, "password": PASSWORD}).json["data"]
    assert code_of(post("password/change", {"old": "wrong", "new": NEW}, headers=bearer(joined))) == (
        403,
        "wrong_password",
    )
    refused = post("password/change", {"old": PASSWORD, "new": email}, headers=bearer(joined))
    assert code_of(refused) == (422, "invalid")
    assert post("password/change", {"old": PASSWORD, "new": NEW}, headers=bearer(joined)).status_code == 204
    client = app.test_client()
    assert client.get("/api/auth/me", headers=bearer(joined)).status_code == 200
    assert code_of(client.get("/api/auth/me", headers=bearer(other))) == (401, "session_ended")
    assert post("login", {"email": email, "password": PASSWORD}).status_code == 401
    assert post("login", {"email": email, "password": NEW}).status_code == 200
    assert code_of(post("password/change", {"old": NEW, "new": PASSWORD})) == (401, "unauthenticated")


def test_a_forgotten_password_is_chosen_anew(app, post, joined):
    email = joined["user"]["email"]
    letter = letter_by(lambda: post("password/reset", {"email": email}), email)
    assert code_of(post("password/reset/confirm", {"token": token_in(letter), "new": "Password1"})) == (422, "invalid")
    told = letters_by(lambda: post("password/reset/confirm", {"token": token_in(letter), "new": NEW}), email)
    assert [mail.subject for mail in told] == ["Your password was changed"]
    assert code_of(post("password/reset/confirm", {"token": token_in(letter), "new": NEW})) == (422, "token_invalid")
    assert code_of(app.test_client().get("/api/auth/me", headers=bearer(joined))) == (401, "session_ended")
    assert post("login", {"email": email, "password": NEW}).status_code == 200


def test_a_visitor_made_account_is_taken_over(post, settings):
    """accounts.md, acceptance 5, the part of the account."""
    email = fresh_email()
    letter = letter_by(
        lambda: account_service.create_unactivated(email, "Edna", "Ives", now=utc_now(), settings=settings), email
    )
    assert code_of(post("login", {"email": email, "password": NEW})) == (401, "bad_credentials")
    assert post("activate", {"token": token_in(letter), "password": NEW}).status_code == 204
    assert post("login", {"email": email, "password": NEW}).status_code == 200
    assert code_of(post("activate", {"token": token_in(letter), "password": NEW})) == (422, "token_invalid")


# the rest of the acceptance


def test_a_referral_code_is_taken_at_sign_up(post, joined):
    """accounts.md, acceptance 2."""
    body = {"email": fresh_email(), "password": PASSWORD, "referral_code": joined["user"]["referral_code"]}
    assert post("register", body).status_code == 201


def test_of_two_parallel_sign_ups_under_one_name_one_is_made(post):
    """accounts.md, acceptance 3."""
    name = f"edna-{new_id()}".lower()

    def register(_):
        return post("register", {"email": fresh_email(), "username": name, "password": PASSWORD}).status_code

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(register, range(2))) == [201, 409]


def test_it_is_proved_by_a_code_who_asks(post, prove, joined):
    token = prove(joined["user"]["email"])
    assert post("prove", {"verification_token": token}, headers=bearer(joined)).status_code == 204
    assert code_of(post("prove", {"verification_token": token}, headers=bearer(joined))) == (422, "token_invalid")
    assert code_of(post("prove", {}, headers=bearer(joined))) == (422, "invalid")
    anothers = prove(fresh_email())
    assert code_of(post("prove", {"verification_token": anothers}, headers=bearer(joined))) == (422, "token_invalid")


def test_codes_tokens_and_passwords_are_in_no_log(post, prove, capfd, joined):
    email = fresh_email()
    token = prove(email, "register")
    post("register", {"verification_token": token})
    post("password/reset", {"email": email})
    logged = "".join(capfd.readouterr())
    codes = [code_in(row) for key, row in letters_to(email).items() if key.startswith("sign_in_code")]
    assert email not in logged and token not in logged and not [code for code in codes if code in logged]
