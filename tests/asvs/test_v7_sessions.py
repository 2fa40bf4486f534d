"""V7: logins that last, and that end."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from app.models.accounts import BANNED, User, UserSession
from app.models.accounts.logins import BROWSER_IDLE
from app.services import accounts as account_service
from app.services.accounts import ProofRequired, SessionEnded, Unauthenticated, UserInactive, administration, sessions
from app.utils.clock import utc_now
from tests.asvs.conftest import PASSWORD
from tests.asvs.reading import calls, document, script_sources
from tests.factories import authority, log_in, make_user

DAY = timedelta(days=1)


def test_v7_1_1_how_long_logins_last_is_written_down_as_it_is(settings):
    page = document("security.md")
    assert f"SESSION_TTL_SECONDS ({settings.session_ttl_seconds // 86400} days)" in page
    assert f"SESSION_LONGEST_SECONDS ({settings.session_longest_seconds // 86400} days)" in page
    assert f"after {BROWSER_IDLE.days} days in which nobody used it" in page and "SP 800-63B" in page


def test_v7_1_2_how_many_logins_there_are_is_written_down_as_it_is():
    assert f"{sessions.MOST_OPEN} open logins at most; the oldest ends" in document("security.md")


def test_v7_1_3_logins_elsewhere_are_written_down():
    assert "one at a login provider live apart" in document("security.md")


@pytest.mark.parametrize("change", [str.swapcase, lambda cookie: cookie[:-1], lambda cookie: "x" + cookie])
def test_v7_2_1_the_server_checks_every_token(client, account, change):
    signed_in = account.log_in()
    client.set_cookie("login_session", change(signed_in.cookie))
    assert client.get("/api/auth/me").status_code == 401
    bearer = {"Authorization": f"Bearer {change(signed_in.access_token)}"}
    assert client.get("/api/auth/me", headers=bearer).status_code == 401


def test_v7_2_2_every_login_has_tokens_of_its_own(account):
    first, second = account.log_in(), account.log_in()
    assert not {first.cookie, first.access_token, first.refresh_token} & {
        second.cookie,
        second.access_token,
        second.refresh_token,
    }


def test_v7_2_3_a_cookie_has_256_random_bits(account):
    secrets = {account.log_in().cookie.split(".")[2] for _ in range(3)}
    assert len(secrets) == 3 and {len(secret) for secret in secrets} == {43}
    assert [path for path, _ in calls("secrets.token_urlsafe") if path == "app/services/accounts/tokens.py"]


def test_v7_a_login_replaces_the_one_before(account):
    first = account.log_in()
    second = account.log_in(replaces=first.cookie)
    with pytest.raises(SessionEnded):
        account_service.authenticate_cookie(first.cookie, now=utc_now())
    assert account_service.authenticate_cookie(second.cookie, now=utc_now()).id == account.user.id


def test_v7_3_1_a_browser_nobody_used_is_logged_out(account):
    cookie, now = account.log_in().cookie, utc_now()
    assert account_service.authenticate_cookie(cookie, now=now + BROWSER_IDLE - DAY)
    with pytest.raises(SessionEnded):
        account_service.authenticate_cookie(cookie, now=now + BROWSER_IDLE + DAY)


def test_v7_3_2_a_login_ends_at_last_however_often_it_is_renewed(account, settings):
    begun = utc_now()
    token = account.log_in(kind="mobile").refresh_token
    for days in range(20, 90, 20):
        renewed = account_service.refresh_login(token, now=begun + days * DAY, settings=settings)
        token = renewed.refresh_token
    assert renewed.session.expires_at <= begun + 90 * DAY + timedelta(minutes=1)
    with pytest.raises(SessionEnded):
        account_service.refresh_login(token, now=begun + 91 * DAY, settings=settings)


def test_v7_4_1_a_login_that_ended_opens_nothing(client, account):
    signed_in = account.log_in()
    bearer = {"Authorization": f"Bearer {signed_in.access_token}"}
    assert client.post("/api/auth/logout", headers=bearer).status_code == 204
    assert client.get("/api/auth/me", headers=bearer).status_code == 401
    client.set_cookie("login_session", signed_in.cookie)
    assert client.get("/api/auth/me").status_code == 401
    assert client.post("/api/auth/refresh", json={"refresh_token": signed_in.refresh_token}).status_code in (401, 403)


def test_v7_4_2_a_blocked_account_is_out_at_once(account, settings):
    signed_in = account.log_in()
    User.find(account.user.id).update(status=BANNED)
    with pytest.raises(UserInactive):
        account_service.authenticate_cookie(signed_in.cookie, now=utc_now())


def test_v7_4_3_a_new_password_ends_the_other_logins(client, account):
    other, own = account.log_in(), account.headers
    body = {"old": PASSWORD, "new": "staple it 1931 again"}
    assert client.post("/api/auth/password/change", json=body, headers=own).status_code == 204
    with pytest.raises(SessionEnded):
        account_service.authenticate_cookie(other.cookie, now=utc_now())
    assert client.delete("/api/auth/sessions", headers=own).status_code == 204


def test_v7_4_4_every_page_has_a_way_out():
    assert "useLogout" in script_sources()["frontend/src/components/Header.tsx"]
    assert "async logout()" in script_sources()["frontend-admin/src/api/auth.ts"]


def test_v7_4_5_staff_end_somebodys_logins(account, settings):
    cookie = account.log_in().cookie
    staff = make_user(settings, is_admin=True)
    assert administration.end_sessions(account.user.id, authority(staff), now=utc_now()) == 1
    with pytest.raises(SessionEnded):
        account_service.authenticate_cookie(cookie, now=utc_now())


WEIGHS_MOST = re.compile(
    r"/api/admin/(roles|users/.*/(roles|act-as|second-factor-reset))|/api/seller/.*/(roles|members)"
    r"|/api/auth/(totp|passkeys/options|recovery-codes|social/.*/link$)|/api/user/(exports|email|phone)$"
)


def test_v7_5_3_what_weighs_most_wants_a_new_proof(app, client, settings):
    doors = [
        (method, rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"GET", "HEAD", "OPTIONS"}
        if WEIGHS_MOST.match(rule.rule)
    ]
    assert len(doors) >= 16
    assert [door for door in doors if not app.view_functions[door[1].endpoint].access.proved] == []
    staff = log_in(make_user(settings, is_admin=True), settings)
    staff.session.update_if_unchanged(proved_at=utc_now() - timedelta(minutes=11))
    headers = {"Authorization": f"Bearer {staff.access_token}"}
    path = f"/api/admin/users/{make_user(settings).id}/roles"
    answer = client.post(path, json={"flags": {"is_seller": True}}, headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "proof_required")
    assert client.post("/api/auth/prove", json={"password": PASSWORD}, headers=headers).status_code == 204
    assert client.post(path, json={"flags": {"is_seller": True}}, headers=headers).status_code == 200


def test_v7_6_1_a_login_outlives_the_one_at_its_provider_for_as_long_as_the_page_says(account, settings):
    identity = account_service.authenticate_cookie(account.log_in().cookie, now=utc_now())
    with pytest.raises(ProofRequired):
        account_service.ensure_proved(identity, now=utc_now() + timedelta(minutes=11), settings=settings)
    assert "makes the person log in there anew" in document("security.md")


@pytest.mark.parametrize(("site", "goes_to"), [("cross-site", "/user/login"), ("same-site", "/user/login")])
def test_v7_6_2_no_other_site_starts_a_login(stores, make_app, site, goes_to):
    provider = '[{"name": "local", "issuer": "https://127.0.0.1:1", "client_id": "x"}]'
    client = make_app(replace(stores, oidc_providers=provider, oidc_timeout_seconds=0.2)).test_client()
    answer = client.get("/api/auth/social/local/start", headers={"Sec-Fetch-Site": site})
    assert (answer.status_code, answer.headers["Location"]) == (302, goes_to)
    assert client.get("/api/auth/social/local/start", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 502


def test_v7_no_secret_of_a_login_is_kept(account):
    signed_in = account.log_in()
    row = dict(UserSession.find(account.user.id, signed_in.session.id))
    assert not {signed_in.cookie, signed_in.refresh_token} & {str(value) for value in row.values()}
    with pytest.raises(Unauthenticated):
        account_service.authenticate_cookie(signed_in.cookie + "x", now=utc_now())
