"""The pure rules of second factors: codes, names of parties, paths to go on at, settings."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from app.env import Settings, SettingsError, load_settings
from app.net.schemas.accounts.social import OwnPath
from app.plugins.oidc import find_provider, providers_of
from app.plugins.webauthn import relying_party
from app.services.accounts import recovery, totp
from app.services.accounts.passkey_login import made_up

# RFC 6238, appendix B: the secret is the ASCII text 12345678901234567890, and the last six of its eight digits count
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_codes_are_those_of_rfc_6238(seconds, code):
    assert totp.matching_step(SECRET, code, at(seconds)) == seconds // 30


@pytest.mark.parametrize(
    ("seconds", "is_good"),
    [(59 - 30 - 30, False), (0, True), (29, True), (30, True), (59, True), (60, True), (89, True), (90, False)],
)
def test_a_code_is_good_one_step_before_and_after_its_own(seconds, is_good):
    step = totp.matching_step(SECRET, "287082", at(max(seconds, 0)) if seconds >= 0 else at(150))
    assert step == (1 if is_good else None)


@pytest.mark.parametrize("code", ["287083", "94287082", "28708", "", "٢٨٧٠٨٢", "28708a"])
def test_another_text_is_no_code(code):
    if code.isascii():
        assert totp.matching_step(SECRET, code, at(59)) is None


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("7K3Q-FM2X-WAHP", "7K3QFM2XWAHP"),
        ("7k3q fm2x wahp", "7K3QFM2XWAHP"),
        ("oil0-1111-2222", "011011112222"),
        ("", ""),
    ],
)
def test_a_recovery_code_is_read_as_people_type_it(typed, read):
    assert recovery.read(typed) == read


def test_recovery_codes_name_their_slots_and_are_kept_as_argon2id():
    codes = recovery.new_codes(Settings(argon2_memory_kib=64, argon2_iterations=1))
    assert len(set(codes.shown)) == 10
    assert [code[0] for code in codes.shown] == list("0123456789")
    assert all(len(recovery.read(code)) == 12 for code in codes.shown)
    assert all(kept.startswith("$argon2id$") for kept in codes.hashes.values())
    assert not any(code in repr(codes) for code in codes.shown)


@pytest.mark.parametrize(
    ("site", "domain", "origins"),
    [
        ("https://market.example", "market.example", ("https://market.example",)),
        ("https://market.example/", "market.example", ("https://market.example",)),
        ("https://shop.market.example:8443", "shop.market.example", ("https://shop.market.example:8443",)),
        ("http://127.0.0.1:8000", "localhost", ("http://127.0.0.1:8000", "http://localhost:8000")),
        ("http://localhost:8000", "localhost", ("http://localhost:8000",)),
    ],
)
def test_passkeys_are_made_for_the_sites_own_host(site, domain, origins):
    party = relying_party(Settings(public_url=site))
    assert (party.id, party.origins) == (domain, origins)


def test_settings_name_another_domain_and_other_origins():
    app_origin = "android:apk-key-hash:x"
    settings = Settings(
        public_url="https://www.market.example", passkey_domain="market.example", passkey_origins=(app_origin,)
    )
    party = relying_party(settings)
    assert (party.id, party.origins) == ("market.example", (app_origin,))


@pytest.mark.parametrize(
    "path", ["/", "/orders", "/orders?page=2&x=//y", "/user/login#top", "/a//b", "/%2F%2Fevil.example"]
)
def test_own_paths_may_be_gone_on_at(path):
    assert TypeAdapter(OwnPath).validate_python(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "", "orders", "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example",
        "javascript:alert(1)", "/\t/evil.example", "/ok\nSet-Cookie: a=b", "/a\\b", " /orders", "/\x7f",
        "/" + "a" * 500,
    ],
)  # fmt: skip
def test_other_addresses_may_not(path):
    with pytest.raises(ValidationError):
        TypeAdapter(OwnPath).validate_python(path)


def test_made_up_passkeys_are_the_same_at_every_try_and_other_ones_for_others():
    settings = Settings(secret_key="k" * 32)
    assert made_up("ann@example.com", settings) == made_up(" Ann@Example.com ", settings)
    ids = {known.credential_id for number in range(50) for known in made_up(f"person-{number}", settings)}
    assert len(ids) >= 50
    assert made_up("ann@example.com", settings) != made_up("ann@example.com", replace(settings, secret_key="j" * 32))


PROVIDER = {"name": "google", "issuer": "https://accounts.example", "client_id": "c-1", "client_secret": "hush-hush"}


def loaded(*providers, **more):
    return load_settings({"PROFILE": "test", "OIDC_PROVIDERS": json.dumps(providers), **more})


def test_providers_are_read_with_their_defaults():
    settings = loaded(
        PROVIDER, {"name": "own", "label": "Our own", "issuer": "http://i", "client_id": "x", "scopes": ["openid"]}
    )
    google, own = providers_of(settings)
    assert (google.label, google.scopes) == ("Google", ("openid", "email", "profile"))
    assert google.configuration_url == "https://accounts.example/.well-known/openid-configuration"
    assert (own.label, own.scopes, own.client_secret) == ("Our own", ("openid",), "")
    assert find_provider(settings, "google") == google
    assert find_provider(settings, "none") is None
    assert "hush-hush" not in repr(google) + repr(settings)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"name": "x"}',
        '["x"]',
        json.dumps([{**PROVIDER, "issuer": ""}]),
        json.dumps([{**PROVIDER, "secret": "x"}]),
        json.dumps([{**PROVIDER, "client_id": 7}]),
        json.dumps([{**PROVIDER, "scopes": "openid"}]),
        json.dumps([{**PROVIDER, "scopes": [1]}]),
        json.dumps([{**PROVIDER, "name": "../x"}]),
        json.dumps([PROVIDER, PROVIDER]),
    ],
)
def test_unusable_providers_are_named_without_their_secrets(text):
    with pytest.raises(SettingsError, match="OIDC_PROVIDERS") as fault:
        load_settings({"PROFILE": "test", "OIDC_PROVIDERS": text})
    assert "hush-hush" not in str(fault.value)


PRODUCTION = {"PROFILE": "production", "SECRET_KEY": "s" * 32, "ENCRYPTION_KEYS": "e" * 32}


def test_an_issuer_is_https_in_production():
    load_settings({**PRODUCTION, "OIDC_PROVIDERS": json.dumps([PROVIDER])})
    with pytest.raises(SettingsError, match="https"):
        load_settings({**PRODUCTION, "OIDC_PROVIDERS": json.dumps([{**PROVIDER, "issuer": "http://a"}])})


@pytest.mark.parametrize(
    ("given", "is_required"),
    [
        ({"PROFILE": "development"}, False),
        ({"PROFILE": "test"}, False),
        (PRODUCTION, True),
        ({**PRODUCTION, "SECOND_FACTOR_REQUIRED_FOR_STAFF": "false"}, False),
        ({"PROFILE": "test", "SECOND_FACTOR_REQUIRED_FOR_STAFF": "true"}, True),
    ],
)
def test_staff_need_a_second_factor_in_production_unless_it_says_no(given, is_required):
    assert load_settings(given).second_factor_required_for_staff is is_required
