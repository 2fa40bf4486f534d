"""V11: keys, seals, hashes and chance."""

from dataclasses import replace

import pytest

from app.env import Settings
from app.plugins import vault
from app.plugins.oidc.id_tokens import ALGORITHMS
from app.plugins.vault import SealBroken
from app.services.accounts import one_time, passwords, tokens
from app.utils.clock import utc_now
from tests.asvs.reading import calls, document, importers, matching, python_sources


def test_v11_1_1_how_keys_live_is_written_down():
    page = document("security.md")
    for word in ("Made by", "Changed", "yearly", "No key is shared between two installations"):
        assert word in page


def test_v11_1_2_every_secret_setting_is_in_the_inventory():
    page = document("security.md")
    for name in (
        "SECRET_KEY",
        "ENCRYPTION_KEYS",
        "SANDBOX_WEBHOOK_SECRET",
        "passkeys",
        "recovery codes",
        "AES-256-GCM",
    ):
        assert name in page


def test_v11_2_1_cryptography_comes_from_libraries():
    known = {"app/plugins/vault/__init__.py"}
    ciphers = importers("cryptography.hazmat.primitives.ciphers", "Crypto", "nacl", "rsa", "ecdsa")
    assert ciphers == known


def test_v11_2_2_keys_and_parameters_change_without_losing_anything(settings):
    old, new = replace(settings, encryption_keys=("o" * 32,)), replace(settings, encryption_keys=("n" * 32, "o" * 32))
    sealed = vault.seal(old, "test", b"content")
    again = vault.reseal(new, "test", sealed)
    assert vault.unseal(replace(new, encryption_keys=("n" * 32,)), "test", again) == b"content"
    stronger = replace(settings, argon2_iterations=3)
    assert passwords.needs_rehash(passwords.hash_password("x", settings), stronger)


def test_v11_3_1_no_weak_mode_or_padding_is_used():
    assert matching(r"\bECB\b|PKCS1v15|modes\.CBC|\bDES\b|ARC4|Blowfish", python_sources()) == set()


def test_v11_3_2_aes_with_gcm_seals(settings):
    assert importers("cryptography.hazmat.primitives.ciphers.aead") == {"app/plugins/vault/__init__.py"}
    first, second = (vault.seal(settings, "test", b"same") for _ in range(2))
    assert first != second and b"same" not in first


def test_v11_3_3_a_changed_seal_is_not_opened(settings):
    sealed = bytearray(vault.seal(settings, "test", b"content"))
    for place in (0, 5, len(sealed) // 2, len(sealed) - 3):
        broken = (
            bytes(sealed[:place]) + (b"A" if sealed[place : place + 1] != b"A" else b"B") + bytes(sealed[place + 1 :])
        )
        with pytest.raises(SealBroken):
            vault.unseal(settings, "test", broken)
    with pytest.raises(SealBroken):
        vault.unseal(settings, "another purpose", bytes(sealed))


def test_v11_4_1_no_broken_hash_is_used():
    weak = {path for path, _ in calls("hashlib.md5", "hashlib.sha1", "hashlib.new", "md5", "sha1")}
    assert weak == {"app/plugins/breached_passwords/table.py"}, "that list is a public one: its digests hide nothing"
    assert "usedforsecurity=False" in python_sources()["app/plugins/breached_passwords/table.py"]


def test_v11_4_2_passwords_are_kept_by_argon2id():
    kept = passwords.hash_password("correct horse battery", Settings())
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_v11_4_3_what_is_signed_is_signed_by_sha256():
    assert len(tokens.secret_hash("x")) == 64
    assert 'digest_method": hashlib.sha256' in python_sources()["app/net/pages.py"]
    signers = [path for path, _ in calls("URLSafeTimedSerializer", "URLSafeSerializer", "TimestampSigner")]
    assert signers == ["app/net/pages.py"]


def test_v11_5_1_what_must_not_be_guessed_has_128_bits(app):
    issued = {one_time.issue("test", "x", lives=one_time.LONGEST_LIFE, now=utc_now()) for _ in range(5)}
    assert len(issued) == 5 and {len(token) for token in issued} == {43}
    short = [
        (path, call.args[0].value)
        for path, call in calls("secrets.token_urlsafe", "secrets.token_bytes", "secrets.token_hex")
        if call.args and isinstance(getattr(call.args[0], "value", None), int) and call.args[0].value < 16
    ]
    assert short == []


def test_v11_6_1_only_public_keys_vouch_for_people():
    assert {name[:2] for name in ALGORITHMS} <= {"RS", "PS", "ES", "Ed"}
    assert "none" not in ALGORITHMS
