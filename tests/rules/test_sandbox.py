"""Signatures of the sandbox's events, by a published example of the scheme and by every single altered byte."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.env import SettingsError, load_settings
from app.plugins.sandbox import SandboxInProduction, SandboxProvider
from app.plugins.sandbox.signatures import sign, verify
from app.utils.charges import BadSignature

AT = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
BODY = b'{"id":"evt_1"}'


def test_the_header_is_the_hmac_of_time_and_body():
    # printf '1767614400.{"id":"evt_1"}' | openssl dgst -sha256 -hmac secret
    expected = "03bee63f47bf4304aefde6a24858fabcc9e6c1e90c742466602e710f1afc3492"
    assert sign("secret", BODY, AT) == f"t=1767614400,v1={expected}"


def test_a_signature_made_by_stripes_scheme_is_read_with_other_parts_and_several_digests():
    good = sign("secret", BODY, AT).partition("v1=")[2]
    verify("secret", BODY, f"t=1767614400,v0=ff,v1={'0' * 64},v1={good}", AT)


@pytest.mark.parametrize("position", range(len(BODY)))
def test_every_altered_byte_is_seen(position):
    altered = bytearray(BODY)
    altered[position] ^= 1
    with pytest.raises(BadSignature):
        verify("secret", bytes(altered), sign("secret", BODY, AT), AT)


def test_another_secret_and_another_time_are_seen():
    header = sign("secret", BODY, AT)
    with pytest.raises(BadSignature):
        verify("other", BODY, header, AT)
    with pytest.raises(BadSignature):
        verify("secret", BODY, header.replace("1767614400", "1767614401"), AT)


@pytest.mark.parametrize(("seconds", "is_good"), [(0, True), (300, True), (301, False), (-300, True), (-301, False)])
def test_the_tolerance_is_300_seconds_both_ways(seconds, is_good):
    header, now = sign("secret", BODY, AT), AT + timedelta(seconds=seconds)
    if is_good:
        verify("secret", BODY, header, now)
        return
    with pytest.raises(BadSignature):
        verify("secret", BODY, header, now)


PRODUCTION = {
    "PROFILE": "production",
    "SECRET_KEY": "k" * 64,
    "SANDBOX_WEBHOOK_SECRET": "s" * 64,
    "ENCRYPTION_KEYS": "e" * 64,
}


def test_the_sandbox_is_off_in_production():
    settings = load_settings(PRODUCTION)
    provider = SandboxProvider()
    provider.configure(settings)
    assert not settings.sandbox_provider_enabled
    assert not provider.enabled


def test_the_sandbox_refuses_to_start_in_production():
    with pytest.raises(SettingsError, match="SANDBOX_PROVIDER_ENABLED"):
        load_settings(PRODUCTION | {"SANDBOX_PROVIDER_ENABLED": "true"})
    forced = replace(load_settings(PRODUCTION), sandbox_provider_enabled=True)
    with pytest.raises(SandboxInProduction):
        SandboxProvider().configure(forced)
