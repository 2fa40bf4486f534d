"""V10: logins elsewhere, and our own refresh tokens."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app.models.accounts import FederatedIdentity
from app.services import accounts as account_service
from app.services.accounts import SessionEnded
from app.utils.clock import utc_now
from tests.asvs.conftest import PASSWORD
from tests.asvs.oidc import CALLBACK, log_in_with, provider, site, way_there

__all__ = ["provider", "site"]


def test_v10_1_1_our_own_pages_get_no_tokens_beside_their_cookie(client, account):
    body = {"email": account.email, "password": PASSWORD}
    page = client.post("/api/auth/login", json=body, headers={"Sec-Fetch-Site": "same-origin"})
    assert page.status_code == 200 and client.get_cookie("login_session") is not None
    assert (page.json["data"]["access_token"], page.json["data"]["refresh_token"]) == (None, None)
    for client_kind, sent in (("browser", {}), ("mobile", {"Sec-Fetch-Site": "same-origin"})):
        answer = client.application.test_client().post(
            "/api/auth/login", json=body | {"client": client_kind}, headers=sent
        )
        assert answer.json["data"]["access_token"] and answer.json["data"]["refresh_token"], client_kind


def test_v10_1_2_an_answer_counts_for_the_browser_that_asked(site, provider):
    asker, other = site.test_client(), site.test_client()
    back = provider.log_in(way_there(asker))
    assert other.get(CALLBACK, query_string=back).status_code == 422
    assert asker.get(CALLBACK, query_string=back | {"state": "x" * 43}).status_code == 422


def test_v10_2_1_a_login_is_tied_by_pkce_and_state(site, provider):
    first, second = (parse_qs(urlsplit(way_there(site.test_client())).query) for _ in range(2))
    assert first["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 43 and first[name] != second[name]


def test_v10_2_2_an_answer_of_another_provider_is_refused(site, provider):
    client = site.test_client()
    back = provider.log_in(way_there(client)) | {"iss": "https://another.example"}
    assert client.get(CALLBACK, query_string=back).status_code == 401
    assert "/token" not in provider.asked, "the code was told to nobody"


def test_v10_4_5_a_refresh_token_used_twice_ends_all_logins(account, settings):
    first, bystander = account.log_in(kind="mobile"), account.log_in()
    renewed = account_service.refresh_login(first.refresh_token, now=utc_now(), settings=settings)
    with pytest.raises(SessionEnded):
        account_service.refresh_login(first.refresh_token, now=utc_now(), settings=settings)
    with pytest.raises(SessionEnded):
        account_service.refresh_login(renewed.refresh_token, now=utc_now(), settings=settings)
    with pytest.raises(SessionEnded):
        account_service.authenticate_cookie(bystander.cookie, now=utc_now())


def test_v10_4_8_renewing_does_not_go_on_for_ever(account, settings):
    begun, token = utc_now(), account.log_in(kind="mobile").refresh_token
    with pytest.raises(SessionEnded):
        for days in range(25, 200, 25):
            now = begun + timedelta(days=days)
            token = account_service.refresh_login(token, now=now, settings=settings).refresh_token
    assert days == 100


def test_v10_4_9_people_end_a_token_by_ending_its_login(client, account, settings):
    lost = account.log_in(kind="mobile")
    door = f"/api/auth/sessions/{lost.session.id}"
    assert client.delete(door, headers=account.headers).status_code == 204
    with pytest.raises(SessionEnded):
        account_service.refresh_login(lost.refresh_token, now=utc_now(), settings=settings)


def test_v10_5_1_an_id_token_counts_for_one_login(site, provider):
    provider.claims = {"nonce": "another-login"}
    assert log_in_with(site.test_client(), provider).status_code == 401


def test_v10_5_2_a_person_is_known_by_subject_and_not_by_email(site, provider):
    assert log_in_with(site.test_client(), provider).status_code == 302
    known = FederatedIdentity.find(provider.issuer, provider.person["sub"]).user_id
    provider.person = provider.person | {"email": "somebody-else@example.com"}
    client = site.test_client()
    assert log_in_with(client, provider).status_code == 302
    assert client.get("/api/auth/me").json["data"]["id"] == known


def test_v10_5_3_a_description_of_another_issuer_is_refused(site, provider):
    provider.description = {"issuer": "https://another.example"}
    assert site.test_client().get("/api/auth/social/local/start").status_code == 502


def test_v10_5_4_an_id_token_is_for_this_client(site, provider):
    provider.claims = {"aud": ["another-client"]}
    assert log_in_with(site.test_client(), provider).status_code == 401
