"""Logging in at an OpenID provider that runs on a real socket: the good ways, and every attack on them."""

import hmac
import json
import socket
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from time import monotonic, time
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pyotp
import pytest

from app.models.accounts import FederatedIdentity, FederatedLink, User
from app.net.http.accounts import browser_secret
from app.net.middlewares.access import COOKIE
from app.plugins.oidc import remote
from app.services import accounts as account_service
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.net.conftest import PASSWORD
from tests.oidc_provider import Provider

CALLBACK = "http://127.0.0.1:8000/api/auth/social/local/callback"


def fault(answer):
    return answer.status_code, answer.json["error"]["code"]


@pytest.fixture
def provider():
    made = Provider()
    made.person = {
        "sub": new_id(),
        "email": f"fay-{new_id()}@example.com".lower(),
        "email_verified": True,
        "given_name": "Fay",
        "family_name": "Ray",
    }
    yield made
    made.close()


@pytest.fixture
def make_site(settings, make_app):
    """Call it: an application with these providers, OIDC_PROVIDERS' entries."""

    def make(*entries, **more):
        return make_app(replace(settings, oidc_providers=json.dumps(entries), oidc_timeout_seconds=1.0, **more))

    return make


@pytest.fixture
def site(make_site, provider):
    return make_site(provider.setting())


@pytest.fixture
def browser(site):
    return site.test_client()


def start(client, name="local", **query):
    answer = client.get(f"/api/auth/social/{name}/start", query_string=query)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def come_back(client, back, name="local"):
    return client.get(f"/api/auth/social/{name}/callback", query_string=back)


def log_in(client, provider, **query):
    return come_back(client, provider.log_in(start(client, **query)))


def user_of(provider):
    identity = FederatedIdentity.find(provider.issuer, provider.person["sub"])
    return User.find(identity.user_id) if identity else None


def sign_up(client, email, *, confirmed=False):
    """An account with a password; the client is logged in by bearer token."""
    data = client.post("/api/auth/register", json={"email": email, "password": PASSWORD, "client": "mobile"}).json[
        "data"
    ]
    if confirmed:
        User.find(data["user"]["id"]).update(email_confirmed_at=utc_now())
    return data["user"]["id"], {"Authorization": f"Bearer {data['access_token']}"}


# the good ways


def test_the_providers_of_the_settings_are_listed(browser, client):
    page = browser.get("/api/auth/social").json
    assert page["data"] == [{"name": "local", "label": "Local", "start": "/api/auth/social/local/start"}]
    assert client.get("/api/auth/social").json["data"] == []


def test_a_first_login_makes_an_account_and_the_next_one_finds_it(site, browser, provider):
    answer = log_in(browser, provider, next="/orders?page=2")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/orders?page=2")
    assert answer.headers["Cache-Control"] == "no-store"
    me = browser.get("/api/auth/me").json["data"]
    assert (me["email"], me["first_name"], me["last_name"]) == (provider.person["email"], "Fay", "Ray")
    assert me["email_confirmed"] is True
    assert User.find(me["id"]).password_hash is None
    other = site.test_client()
    provider.person = {"sub": provider.person["sub"]}
    provider.told_at_userinfo = {}
    assert log_in(other, provider).headers["Location"] == "/"
    assert other.get("/api/auth/me").json["data"]["id"] == me["id"]


def test_the_way_there_carries_state_nonce_and_pkce(browser, provider):
    address = start(browser, next="/")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{provider.issuer}/authorize?")
    assert (asked["redirect_uri"], asked["response_type"], asked["code_challenge_method"]) == (CALLBACK, "code", "S256")
    assert asked["scope"] == "openid email profile"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    cookie = browser.get_cookie(browser_secret.COOKIE)
    assert cookie.http_only and cookie.same_site == "Lax" and cookie.value not in address


def test_the_cookie_is_bound_to_the_host_over_https(make_site, provider):
    client = make_site(provider.setting(), cookie_secure=True).test_client()
    answer = client.get("/api/auth/social/local/start")
    (cookie,) = [text for text in answer.headers.getlist("Set-Cookie") if "social_login" in text]
    assert cookie.startswith("__Host-social_login=") and "Secure" in cookie and "Path=/" in cookie


def test_two_tabs_do_not_disturb_each_other(browser, provider):
    first, second = start(browser), start(browser, next="/cart")
    assert come_back(browser, provider.log_in(first)).headers["Location"] == "/"
    assert come_back(browser, provider.log_in(second)).headers["Location"] == "/cart"


def test_a_mobile_client_brings_the_code_itself(site, provider):
    client = site.test_client()
    answer = client.get("/api/auth/social/local/start", query_string={"client": "mobile", "device_name": "Fay's phone"})
    begun = answer.json["data"]
    assert answer.status_code == 200 and begun["expires_in"] == 600
    back = provider.log_in(begun["authorization_url"])
    assert back["state"] == begun["state"]
    answer = client.post(
        "/api/auth/social/local", json={"code": back["code"], "state": back["state"], "iss": back["iss"]}
    )
    assert answer.status_code == 200 and client.get_cookie(COOKIE) is None
    headers = {"Authorization": f"Bearer {answer.json['data']['access_token']}"}
    (session,) = client.get("/api/auth/sessions", headers=headers).json["data"]
    assert (session["kind"], session["device_name"]) == ("mobile", "Fay's phone")


def test_a_mobile_apps_own_address_is_used(make_site, provider):
    site = make_site(provider.setting(app_redirect_url="com.market.app:/back"))
    client = site.test_client()
    address = client.get("/api/auth/social/local/start?client=mobile").json["data"]["authorization_url"]
    assert parse_qs(urlsplit(address).query)["redirect_uri"] == ["com.market.app:/back"]
    assert parse_qs(urlsplit(start(site.test_client())).query)["redirect_uri"] == [CALLBACK]
    back = provider.log_in(address)
    assert client.post("/api/auth/social/local", json={"code": back["code"], "state": back["state"]}).status_code == 200


@pytest.mark.parametrize("methods", [None, ["client_secret_basic"], ["client_secret_post"]])
def test_the_client_shows_its_secret_as_the_provider_wants_it(browser, provider, methods):
    if methods:
        provider.description = {"token_endpoint_auth_methods_supported": methods}
    assert log_in(browser, provider).status_code == 302


def test_the_email_may_come_from_userinfo(browser, provider):
    told = provider.person
    provider.person, provider.told_at_userinfo = {"sub": told["sub"]}, told
    assert log_in(browser, provider).status_code == 302
    assert browser.get("/api/auth/me").json["data"]["email"] == told["email"]


def test_keys_may_rotate_and_be_of_another_kind(site, provider):
    log_in(site.test_client(), provider)
    provider.rotate("EC")
    assert log_in(site.test_client(), provider).status_code == 302
    assert provider.asked.count("/keys") == 2
    log_in(site.test_client(), provider)
    assert provider.asked.count("/keys") == 2
    assert provider.asked.count("/.well-known/openid-configuration") == 1


def test_headers_we_do_not_know_are_passed_over(browser, provider):
    provider.forge = lambda claims: provider.sign(claims, ver="2", x5c=["A" * 1200])
    assert log_in(browser, provider).status_code == 302


def test_keys_of_kinds_we_do_not_know_are_passed_over(browser, provider):
    known = [key.as_dict(private=False) for key in provider.published]
    odd = [{"kty": "quantum", "kid": "q"}, {"kty": "RSA", "kid": "broken"}, {"kty": "oct", "k": "AAAA"}, "text"]
    provider.answers["/keys"] = 200, json.dumps({"keys": [*odd, *known]}).encode()
    assert log_in(browser, provider).status_code == 302


def test_a_clock_may_be_off_by_a_minute(site, provider):
    for claims, status in (
        ({"iat": int(time()) + 50, "exp": int(time()) + 400}, 302),
        ({"iat": int(time()) - 400, "exp": int(time()) - 50}, 302),
        ({"iat": int(time()) + 90, "exp": int(time()) + 400}, 401),
        ({"iat": int(time()) - 400, "exp": int(time()) - 70}, 401),
    ):
        provider.claims = claims
        assert log_in(site.test_client(), provider).status_code == status, claims


# where a browser goes after it


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/\t/evil.example"]
)
def test_a_browser_is_not_sent_elsewhere(browser, path):
    answer = browser.get("/api/auth/social/local/start", query_string={"next": path})
    assert fault(answer) == (422, "invalid")


@pytest.mark.parametrize("name", ["google", "LOCAL", "..", "x" * 40])
def test_a_provider_that_is_not_configured_is_not_found(browser, client, name):
    for caller in (browser, client):
        assert caller.get(f"/api/auth/social/{name}/start").status_code == 404
        assert caller.get(f"/api/auth/social/{name}/callback?state=x").status_code == 404
        assert caller.post(f"/api/auth/social/{name}", json={"code": "x", "state": "y"}).status_code == 404


def test_the_spec_s_plug_point_is_not_found_without_providers(client):
    assert fault(client.post("/api/auth/social/google", json={"code": "x", "state": "y"})) == (404, "not_found")


# attacks on the way back


def refused(client, back, expected=(422, "token_invalid")):
    answer = come_back(client, back)
    assert fault(answer) == expected
    assert client.get_cookie(COOKIE) is None


def test_a_made_up_state_is_refused(browser, provider):
    back = provider.log_in(start(browser))
    refused(browser, {**back, "state": "x" * 43})
    assert "/token" not in provider.asked


def test_a_replayed_return_is_refused(site, browser, provider):
    back = provider.log_in(start(browser))
    assert come_back(browser, back).status_code == 302
    browser.delete_cookie(COOKIE)
    refused(browser, back)


def test_nobody_finishes_what_another_browser_began(site, provider):
    attacker, victim = site.test_client(), site.test_client()
    back = provider.log_in(start(attacker))
    refused(victim, back)
    back = provider.log_in(start(attacker))
    start(victim)  # now the victim's browser has a secret of its own
    refused(victim, back)
    assert "/token" not in provider.asked


def test_a_state_made_for_an_app_is_none_for_a_browser_and_the_other_way_round(site, provider):
    client = site.test_client()
    begun = client.get("/api/auth/social/local/start?client=mobile").json["data"]
    refused(client, provider.log_in(begun["authorization_url"]))
    back = provider.log_in(start(client))
    answer = client.post(
        "/api/auth/social/local",
        json={"code": back["code"], "state": back["state"]},
        headers={"X-CSRF-Token": client.get("/api/auth/csrf").json["data"]["csrf_token"]},
    )
    assert fault(answer) == (422, "token_invalid")


def test_a_state_of_one_provider_is_none_for_another(make_site, provider):
    other = Provider()
    client = make_site(provider.setting(), other.setting("other")).test_client()
    back = provider.log_in(start(client))
    assert fault(come_back(client, back, "other")) == (422, "token_invalid")
    back = provider.log_in(start(client))
    refused(client, {**back, "iss": other.issuer}, (401, "login_refused"))  # RFC 9207
    other.close()


def test_a_provider_that_names_itself_must_do_so(browser, provider):
    provider.description = {"authorization_response_iss_parameter_supported": True}
    back = provider.log_in(start(browser))
    refused(browser, {name: value for name, value in back.items() if name != "iss"}, (401, "login_refused"))


def test_an_injected_code_fails_by_pkce(site, provider):
    victim, attacker = site.test_client(), site.test_client()
    stolen = provider.log_in(start(victim))["code"]
    back = provider.log_in(start(attacker))
    refused(attacker, {**back, "code": stolen}, (401, "login_refused"))


@pytest.mark.parametrize(("is_logged_in", "page"), [(False, "/user/login"), (True, "/account/security")])
def test_who_looks_at_a_page_is_shown_a_refusal_on_the_page_that_they_began_on(browser, provider, is_logged_in, page):
    if is_logged_in:
        assert log_in(browser, provider).status_code == 302
    answer = browser.get(
        "/api/auth/social/local/callback",
        query_string={"state": "x" * 43, "code": "any"},
        headers={"Sec-Fetch-Mode": "navigate"},
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{page}#error=token_invalid")
    assert answer.headers["Cache-Control"] == "no-store"


def test_somebody_who_changes_their_mind_is_told(browser, provider):
    state = dict(parse_qsl(urlsplit(start(browser)).query))["state"]
    answer = come_back(browser, {"state": state, "error": "access_denied", "error_description": "<script>"})
    assert fault(answer) == (401, "login_refused")
    assert answer.json["error"]["details"] == {"reason": "access_denied"} and "<script>" not in answer.text
    state = dict(parse_qsl(urlsplit(start(browser)).query))["state"]
    assert fault(come_back(browser, {"state": state, "error": "server_error"})) == (502, "login_provider_unavailable")


# attacks on the ID token


def hs256(claims, key: bytes, header: dict) -> str:
    def part(value):
        return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    signed = f"{part({'alg': 'HS256', **header})}.{part(claims)}"
    digest = hmac.digest(key, signed.encode(), "sha256")
    return f"{signed}.{urlsafe_b64encode(digest).decode().rstrip('=')}"


def unsigned(claims) -> str:
    token = hs256(claims, b"x", {})
    header = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{header}.{token.split('.')[1]}."


def with_own_key(provider, claims) -> str:
    """Signed by the attacker, with the key put into the header."""
    key = Provider.new_key()
    public = key.as_dict(private=False)
    return provider.sign(claims, key, kid=provider.keys[0].kid, jwk=public)


FORGED = {
    "alg none": lambda provider: unsigned,
    "HS256 with the public key": lambda provider: (
        lambda claims: hs256(claims, provider.keys[0].as_pem(private=False), {"kid": provider.keys[0].kid})
    ),
    "HS256 with the client's secret": lambda provider: lambda claims: hs256(claims, b"s3cret & more", {}),
    "an unknown key": lambda provider: lambda claims: provider.sign(claims, Provider.new_key()),
    "a known kid on another key": lambda provider: (
        lambda claims: provider.sign(claims, Provider.new_key(), kid=provider.keys[0].kid)
    ),
    "the attacker's key in the header": lambda provider: lambda claims: with_own_key(provider, claims),
    "another signature": lambda provider: lambda claims: provider.sign(claims)[:-8] + "AAAAAAAA",
    "no token": lambda provider: lambda claims: "x.y.z",
    "an empty token": lambda provider: lambda claims: "",
}


@pytest.mark.parametrize("way", FORGED)
def test_a_forged_token_is_refused(browser, provider, way):
    provider.forge = FORGED[way](provider)
    refused(browser, provider.log_in(start(browser)), (401, "login_refused"))
    assert user_of(provider) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody else"},
        {"aud": ["somebody else"]},
        {"aud": ["market", "somebody else"]},
        {"aud": ["market", "somebody else"], "azp": "somebody else"},
        {"azp": "somebody else"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": int(time()) - 3600},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": None},
        {"iat": int(time()) + 3600},
        {"nbf": int(time()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"at_hash": "not-of-this-token"},
    ],
    ids=str,
)
def test_a_token_made_for_another_login_is_refused(browser, provider, claims):
    provider.claims = claims
    refused(browser, provider.log_in(start(browser)), (401, "login_refused"))


def test_userinfo_of_somebody_else_is_not_believed(browser, provider):
    told = {**provider.person, "sub": "somebody else"}
    provider.person, provider.told_at_userinfo = {"sub": provider.person["sub"]}, told
    answer = come_back(browser, provider.log_in(start(browser)))
    assert fault(answer) == (401, "login_refused") and answer.json["error"]["details"] == {"reason": "email_missing"}


def test_an_unknown_key_does_not_make_us_ask_again_and_again(site, provider):
    log_in(site.test_client(), provider)
    provider.forge = lambda claims: provider.sign(claims, Provider.new_key())
    for _ in range(4):
        client = site.test_client()
        refused(client, provider.log_in(start(client)), (401, "login_refused"))
    assert provider.asked.count("/keys") == 2


# faults of the provider


@pytest.mark.parametrize("where", ["/.well-known/openid-configuration", "/token", "/keys", "/userinfo"])
@pytest.mark.parametrize(
    "answer",
    [
        (500, b"{}"),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{"),
        (404, b"{}"),
        (429, b"{}"),
        (302, "http://127.0.0.1:1/"),
    ],
    ids=lambda answer: f"{answer[0]} {str(answer[1])[:8]}",
)
def test_a_provider_at_fault_is_a_502(browser, provider, where, answer):
    provider.person.pop("email")
    provider.answers[where] = answer
    if where.startswith("/.well"):
        got = browser.get("/api/auth/social/local/start")
    else:
        got = come_back(browser, provider.log_in(start(browser)))
    assert fault(got) == (502, "login_provider_unavailable")
    assert got.json["error"]["details"] == {"provider": "local"}


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": None},
        {"token_endpoint": "ftp://127.0.0.1/token"},
        {"jwks_uri": "file:///etc/passwd"},
    ],
    ids=str,
)
def test_a_description_that_is_not_the_issuers_is_not_used(browser, provider, about):
    provider.description = about
    answer = browser.get("/api/auth/social/local/start")
    assert fault(answer) == (502, "login_provider_unavailable")


def test_a_provider_that_is_down_is_a_502(make_site):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        issuer = f"http://127.0.0.1:{taken.getsockname()[1]}"
        client = make_site({"name": "down", "issuer": issuer, "client_id": "x"}).test_client()
        assert fault(client.get("/api/auth/social/down/start")) == (502, "login_provider_unavailable")


@pytest.mark.parametrize("where", ["/.well-known/openid-configuration", "/token", "/keys"])
def test_a_provider_that_hangs_is_a_502_in_time(browser, provider, where):
    provider.hangs_at = where
    began = monotonic()
    if where.startswith("/.well"):
        got = browser.get("/api/auth/social/local/start")
    else:
        got = come_back(browser, provider.log_in(start(browser)))
    assert fault(got) == (502, "login_provider_unavailable")
    assert monotonic() - began < 5


def test_an_answer_without_end_is_cut_off(browser, provider):
    provider.answers["/keys"] = 200, b'{"keys": [' + b" " * (remote.LONGEST_ANSWER_BYTES + 1) + b"]}"
    got = come_back(browser, provider.log_in(start(browser)))
    assert fault(got) == (502, "login_provider_unavailable")


def test_wrong_client_credentials_are_our_fault_and_not_the_persons(make_site, provider):
    client = make_site(provider.setting(client_secret="old one")).test_client()
    assert fault(log_in(client, provider)) == (502, "login_provider_unavailable")


# whose account it opens


def test_an_account_with_the_same_email_is_opened_when_both_vouch_for_it(browser, site, provider):
    user_id, _ = sign_up(site.test_client(), provider.person["email"], confirmed=True)
    assert log_in(browser, provider).status_code == 302
    assert browser.get("/api/auth/me").json["data"]["id"] == user_id
    assert user_of(provider).id == user_id


@pytest.mark.parametrize(
    ("confirmed", "verified"), [(False, True), (True, False), (True, None), (True, "false"), (False, False), (True, 1)]
)
def test_an_account_with_the_same_email_stays_shut_otherwise(browser, site, provider, confirmed, verified):
    sign_up(site.test_client(), provider.person["email"], confirmed=confirmed)
    provider.claims = {"email_verified": verified}
    refused(browser, provider.log_in(start(browser)), (409, "link_required"))
    assert user_of(provider) is None


def test_staff_accounts_are_linked_by_hand_only(browser, site, provider):
    user_id, _ = sign_up(site.test_client(), provider.person["email"], confirmed=True)
    User.find(user_id).update(is_admin=True)
    refused(browser, provider.log_in(start(browser)), (409, "link_required"))


def test_an_unverified_email_makes_an_account_with_an_unconfirmed_one(browser, provider):
    provider.claims = {"email_verified": False}
    log_in(browser, provider)
    assert browser.get("/api/auth/me").json["data"]["email_confirmed"] is False


@pytest.mark.parametrize("email", [None, "", "no email", 7])
def test_without_an_email_there_is_no_account(browser, provider, email):
    provider.claims, provider.told_at_userinfo = {"email": email}, {}
    answer = come_back(browser, provider.log_in(start(browser)))
    assert fault(answer) == (401, "login_refused") and answer.json["error"]["details"] == {"reason": "email_missing"}


def test_linking_by_hand(site, browser, provider):
    user_id, headers = sign_up(browser, f"gil-{new_id()}@example.com")
    answer = browser.post(
        "/api/auth/social/local/link", json={"next": "/user/login", "client": "mobile"}, headers=headers
    )
    back = provider.log_in(answer.json["data"]["authorization_url"])
    body = {"code": back["code"], "state": back["state"]}
    assert browser.post("/api/auth/social/local", json=body, headers=headers).status_code == 204
    (link,) = browser.get("/api/auth/social/links", headers=headers).json["data"]
    assert (link["provider"], link["email"]) == ("local", provider.person["email"])
    assert browser.get("/api/auth/factors", headers=headers).json["data"]["linked_logins"] == [link]
    assert provider.person["sub"] not in json.dumps(link)
    other = site.test_client()
    log_in(other, provider)
    assert other.get("/api/auth/me").json["data"]["id"] == user_id


def test_linking_in_a_browser_goes_on_where_it_was(browser, provider):
    browser.post("/api/auth/register", json={"email": f"gil-{new_id()}@example.com", "password": PASSWORD})
    csrf = {"X-CSRF-Token": browser.get("/api/auth/csrf").json["data"]["csrf_token"]}
    begun = browser.post("/api/auth/social/local/link", json={"next": "/user/account"}, headers=csrf).json["data"]
    answer = come_back(browser, provider.log_in(begun["authorization_url"]))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/user/account")
    assert user_of(provider).id == browser.get("/api/auth/me").json["data"]["id"]


def test_a_link_is_finished_by_the_session_that_began_it(site, provider):
    client, other = site.test_client(), site.test_client()
    _, headers = sign_up(client, f"gil-{new_id()}@example.com")
    _, of_other = sign_up(other, f"hal-{new_id()}@example.com")
    for finishing in ({}, of_other):
        begun = client.post("/api/auth/social/local/link", json={"client": "mobile"}, headers=headers).json["data"]
        back = provider.log_in(begun["authorization_url"])
        body = {"code": back["code"], "state": back["state"]}
        assert fault(site.test_client().post("/api/auth/social/local", json=body, headers=finishing)) == (
            422,
            "token_invalid",
        )
    assert user_of(provider) is None


def test_a_login_opens_one_account(site, browser, provider):
    log_in(browser, provider)
    client = site.test_client()
    _, headers = sign_up(client, f"gil-{new_id()}@example.com")
    begun = client.post("/api/auth/social/local/link", json={"client": "mobile"}, headers=headers).json["data"]
    back = provider.log_in(begun["authorization_url"])
    answer = client.post("/api/auth/social/local", json={"code": back["code"], "state": back["state"]}, headers=headers)
    assert fault(answer) == (409, "identity_taken")


def test_an_unlinked_login_opens_nothing(site, browser, provider):
    user_id, headers = sign_up(browser, provider.person["email"], confirmed=True)
    log_in(site.test_client(), provider)
    (link,) = browser.get("/api/auth/social/links", headers=headers).json["data"]
    eve_id, eve = sign_up(site.test_client(), f"eve-{new_id()}@example.com")
    path = f"/api/auth/social/links/{link['id']}"
    assert fault(browser.delete(path, headers=eve)) == (404, "not_found") and eve_id != user_id
    assert browser.delete(path, headers=headers).status_code == 204
    assert user_of(provider) is None and FederatedLink.find(user_id, link["id"]) is None
    assert fault(browser.delete(path, headers=headers)) == (404, "not_found")


def test_the_last_way_in_stays(browser, provider):
    provider.claims = {"email_verified": False}
    log_in(browser, provider)
    csrf = {"X-CSRF-Token": browser.get("/api/auth/csrf").json["data"]["csrf_token"]}
    (link,) = browser.get("/api/auth/social/links").json["data"]
    path = f"/api/auth/social/links/{link['id']}"
    assert fault(browser.delete(path, headers=csrf)) == (409, "last_way_in")
    assert user_of(provider) is not None
    user_of(provider).update(email_confirmed_at=utc_now())
    assert browser.delete(path, headers=csrf).status_code == 204


# second step and proof


def test_an_account_with_a_second_factor_asks_for_it(site, browser, provider, settings):
    log_in(browser, provider)
    csrf = {"X-CSRF-Token": browser.get("/api/auth/csrf").json["data"]["csrf_token"]}
    app = pyotp.TOTP(browser.post("/api/auth/totp", headers=csrf).json["data"]["secret"])
    browser.post("/api/auth/totp/confirm", json={"code": app.at(utc_now())}, headers=csrf)
    other = site.test_client()
    answer = log_in(other, provider, next="/cart")
    page, _, fragment = answer.headers["Location"].partition("#")
    assert (answer.status_code, page) == (302, f"/user/login?{urlencode({'next': '/cart'})}")
    told = dict(parse_qsl(fragment))
    assert (told["methods"], told["expires_in"]) == ("totp,recovery", "300") and other.get_cookie(COOKIE) is None
    body = {"ticket": told["ticket"], "method": "totp", "code": app.at(utc_now() + timedelta(seconds=30))}
    csrf = {"X-CSRF-Token": other.get("/api/auth/csrf").json["data"]["csrf_token"]}
    assert other.post("/api/auth/login/second-factor", json=body, headers=csrf).status_code == 200
    phone = site.test_client()
    begun = phone.get("/api/auth/social/local/start?client=mobile").json["data"]
    back = provider.log_in(begun["authorization_url"])
    answer = phone.post("/api/auth/social/local", json={"code": back["code"], "state": back["state"]})
    assert fault(answer) == (401, "second_factor_required")


def test_a_banned_person_does_not_get_in(site, browser, provider):
    log_in(browser, provider)
    user_of(provider).update(status="banned")
    client = site.test_client()
    refused(client, provider.log_in(start(client)), (403, "user_inactive"))


def prove(client, provider, headers):
    begun = client.post("/api/auth/social/local/prove", json={"client": "mobile"}, headers=headers).json["data"]
    asked = parse_qs(urlsplit(begun["authorization_url"]).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    back = provider.log_in(begun["authorization_url"])
    return client.post("/api/auth/social/local", json={"code": back["code"], "state": back["state"]}, headers=headers)


def test_a_passwordless_person_proves_by_logging_in_there_anew(site, provider):
    client = site.test_client()
    begun = client.get("/api/auth/social/local/start?client=mobile").json["data"]
    back = provider.log_in(begun["authorization_url"])
    data = client.post("/api/auth/social/local", json={"code": back["code"], "state": back["state"]}).json["data"]
    headers = {"Authorization": f"Bearer {data['access_token']}"}
    before = account_service.authenticate_bearer(
        data["access_token"], now=utc_now(), settings=site.config["SETTINGS"]
    ).session.proved_at
    assert prove(client, provider, headers).status_code == 204
    after = account_service.authenticate_bearer(
        data["access_token"], now=utc_now(), settings=site.config["SETTINGS"]
    ).session.proved_at
    assert after > before
    for claims in ({"auth_time": int(time()) - 3600}, {"auth_time": None}, {"auth_time": "now"}):
        provider.claims = claims
        answer = prove(client, provider, headers)
        assert fault(answer) == (401, "login_refused")
    provider.claims = {"sub": "somebody else"}
    assert fault(prove(client, provider, headers)) == (401, "login_refused")


def test_nothing_secret_is_logged(make_site, provider, capfd):
    client = make_site(provider.setting(), log_json=True).test_client()
    capfd.readouterr()
    address = start(client)
    back = provider.log_in(address)
    come_back(client, back)
    provider.answers["/token"] = 500, b"{}"
    come_back(client, provider.log_in(start(client)))
    lines = "".join(capfd.readouterr()).splitlines()
    logged = "\n".join(line for line in lines if "/authorize?" not in line)  # that one was the browser's request
    assert "login provider failed" in logged
    for secret in (back["code"], back["state"], "s3cret", sha256(back["state"].encode()).hexdigest(), "at-1"):
        assert secret not in logged
    assert provider.person["email"] not in logged and provider.person["sub"] not in logged
