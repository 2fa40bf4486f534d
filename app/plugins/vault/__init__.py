"""What must not be readable in a copy of the disks: sealed before it is stored, opened for who may see it.

Fernet (AES-128-CBC with HMAC-SHA256) by `cryptography`. Each purpose has keys of its own, derived by HKDF (RFC 5869)
from ENCRYPTION_KEYS: the first seals, all open, so a key is changed by putting the new one in front.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.env import Settings


class SealBroken(Exception):
    """The content was sealed with none of today's keys, for another purpose, or was altered."""


def seal(settings: Settings, purpose: str, content: bytes) -> bytes:
    """The content, readable only by `unseal` with the same purpose."""
    return _box(settings.encryption_keys, purpose).encrypt(content)


def unseal(settings: Settings, purpose: str, sealed: bytes) -> bytes:
    """What was sealed. Raises SealBroken."""
    try:
        return _box(settings.encryption_keys, purpose).decrypt(sealed)
    except InvalidToken as fault:
        raise SealBroken(f"This content cannot be opened for {purpose!r}.") from fault


def reseal(settings: Settings, purpose: str, sealed: bytes) -> bytes:
    """The same content, sealed with today's first key. Raises SealBroken."""
    try:
        return _box(settings.encryption_keys, purpose).rotate(sealed)
    except InvalidToken as fault:
        raise SealBroken(f"This content cannot be opened for {purpose!r}.") from fault


@lru_cache(maxsize=32)
def _box(keys: tuple[str, ...], purpose: str) -> MultiFernet:
    def derived(key: str) -> Fernet:
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"vault {purpose}".encode())
        return Fernet(urlsafe_b64encode(derive.derive(key.encode())))

    return MultiFernet([derived(key) for key in keys])


__all__ = ["SealBroken", "reseal", "seal", "unseal"]
