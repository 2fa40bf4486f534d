"""Passwords that are known from breaches: half a million of eight characters and more, kept as truncated hashes.

`passwords.bin` is made by `make.py`, which names its sources. The first two bytes of a password's SHA-1 choose a
bucket; the next three are kept, sorted within it. Those 40 bits refuse one good password in two million by mistake.
The file is read once a process; a look-up is a binary search in memory and asks nobody.
"""

from app.plugins.breached_passwords.table import BreachedPasswords, normalised, the_list


def is_breached(password: str) -> bool:
    """Whether the password, whatever its case, stands on a list of breached ones."""
    return password in the_list()


__all__ = ["BreachedPasswords", "is_breached", "normalised"]
