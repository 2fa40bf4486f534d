"""What must not be readable in a copy of the disks: sealed before it is stored, opened for who may see it.

AES-256-GCM by `cryptography`, with a random nonce of 96 bits for each content, as text of base64. Each purpose has keys
of its own, derived by HKDF (RFC 5869) from ENCRYPTION_KEYS: the first seals, all open, so a key is changed by putting
the new one in front.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.env import Settings

_VERSION = b"\x01"
_NONCE_BYTES = 12


class SealBroken(Exception):
    """The content was sealed with none of today's keys, for another purpose, or was altered."""


def seal(settings: Settings, purpose: str, content: bytes) -> bytes:
    """The content, readable only by `unseal` with the same purpose."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = _ciphers(settings.encryption_keys, purpose)[0].encrypt(nonce, content, _VERSION)
    return urlsafe_b64encode(_VERSION + nonce + sealed)


def unseal(settings: Settings, purpose: str, sealed: bytes) -> bytes:
    """What was sealed. Raises SealBroken."""
    try:
        raw = urlsafe_b64decode(sealed)
    except ValueError as fault:
        raise _broken(purpose) from fault
    nonce, content = raw[1 : 1 + _NONCE_BYTES], raw[1 + _NONCE_BYTES :]
    if raw[:1] != _VERSION or len(nonce) < _NONCE_BYTES:
        raise _broken(purpose)
    for cipher in _ciphers(settings.encryption_keys, purpose):
        try:
            return cipher.decrypt(nonce, content, _VERSION)
        except InvalidTag:
            continue
    raise _broken(purpose)


def reseal(settings: Settings, purpose: str, sealed: bytes) -> bytes:
    """The same content, sealed with today's first key. Raises SealBroken."""
    return seal(settings, purpose, unseal(settings, purpose, sealed))


def _broken(purpose: str) -> SealBroken:
    return SealBroken(f"This content cannot be opened for {purpose!r}.")


@lru_cache(maxsize=32)
def _ciphers(keys: tuple[str, ...], purpose: str) -> tuple[AESGCM, ...]:
    def derived(key: str) -> AESGCM:
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"vault {purpose}".encode())
        return AESGCM(derive.derive(key.encode()))

    return tuple(derived(key) for key in keys)


__all__ = ["SealBroken", "reseal", "seal", "unseal"]
