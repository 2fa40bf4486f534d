"""V9: access tokens and ID tokens."""

from datetime import timedelta

import jwt
import pytest

from app.services import accounts as account_service
from app.services.accounts import Unauthenticated, tokens
from app.utils.clock import utc_now
from tests.asvs.oidc import log_in_with, provider, site

__all__ = ["provider", "site"]


def is_refused(token, settings, now=None):
    with pytest.raises(Unauthenticated):
        account_service.authenticate_bearer(token, now=now or utc_now(), settings=settings)
    return True


@pytest.fixture
def claims(account):
    return jwt.decode(account.log_in().access_token, options={"verify_signature": False})


def key(settings):
    return tokens._key(settings.secret_key, "access")


def test_v9_1_1_a_token_that_was_changed_is_refused(account, settings, claims):
    head, body, signature = account.log_in().access_token.split(".")
    other = account.log_in().access_token.split(".")[1]
    assert is_refused(f"{head}.{other}.{signature}", settings)
    assert is_refused(f"{head}.{body}.", settings)
    assert is_refused(jwt.encode(claims, b"k" * 32, algorithm="HS256"), settings)
    good = jwt.encode(claims, key(settings), algorithm="HS256")
    assert account_service.authenticate_bearer(good, now=utc_now(), settings=settings).id == account.user.id


@pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512"])
def test_v9_1_2_one_algorithm_signs_tokens(settings, claims, algorithm):
    signed = jwt.encode(claims, None if algorithm == "none" else key(settings), algorithm=algorithm)
    assert is_refused(signed, settings)


def test_v9_1_3_no_token_brings_its_own_key(site, provider, settings, claims):
    forged = jwt.encode(claims, b"k" * 32, headers={"jku": "https://evil.example", "kid": "1", "jwk": {"kty": "oct"}})
    assert is_refused(forged, settings)
    own = provider.new_key()
    provider.forge = lambda told: provider.sign(told, own, jwk=own.as_dict(private=False))
    assert log_in_with(site.test_client(), provider).status_code == 401


def test_v9_2_1_a_token_ends(account, settings):
    token = account.log_in().access_token
    life = timedelta(seconds=settings.access_token_ttl_seconds)
    assert account_service.authenticate_bearer(token, now=utc_now() + life - timedelta(minutes=1), settings=settings)
    assert is_refused(token, settings, utc_now() + life)


def test_v9_2_2_a_refresh_token_is_no_access_token(account, settings):
    signed_in = account.log_in()
    assert is_refused(signed_in.refresh_token, settings)
    with pytest.raises(Unauthenticated):
        account_service.refresh_login(signed_in.access_token, now=utc_now(), settings=settings)


def test_v9_2_3_a_token_for_another_site_is_refused(site, provider):
    provider.claims = {"aud": "another-client"}
    assert log_in_with(site.test_client(), provider).status_code == 401
    provider.claims = {}
    assert log_in_with(site.test_client(), provider).status_code == 302
