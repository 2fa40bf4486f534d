"""A sorted table of truncated hashes, written by `pack` and asked by `in`."""

import hashlib
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache
from itertools import accumulate
from pathlib import Path

FILE = Path(__file__).with_name("passwords.bin")
SHORTEST = 8
"""Shorter ones are no passwords here anyway."""

_BUCKETS = 1 << 16
_REST_BYTES = 3


class BreachedPasswords:
    """What `pack` wrote: 65536 bytes with the number of entries in each bucket, then the entries."""

    def __init__(self, packed: bytes) -> None:
        self._starts = [0, *accumulate(packed[:_BUCKETS])]
        self._rests = packed[_BUCKETS:]
        if len(self._rests) != self._starts[-1] * _REST_BYTES:
            raise ValueError("this is no table of breached passwords")

    def __len__(self) -> int:
        return self._starts[-1]

    def __contains__(self, password: str) -> bool:
        bucket, rest = _place(password)
        first, end = self._starts[bucket], self._starts[bucket + 1]
        found = bisect_left(range(end), rest, lo=first, hi=end, key=self._rest_at)
        return found < end and self._rest_at(found) == rest

    def _rest_at(self, index: int) -> bytes:
        return self._rests[index * _REST_BYTES : (index + 1) * _REST_BYTES]


def pack(passwords: Iterable[str]) -> bytes:
    """The table of these passwords; the same ones, in whatever order, give the same bytes."""
    places = sorted({_place(password) for password in passwords if len(normalised(password)) >= SHORTEST})
    counts = [0] * _BUCKETS
    for bucket, _ in places:
        counts[bucket] += 1
    return bytes(counts) + b"".join(rest for _, rest in places)


def normalised(password: str) -> str:
    """What is compared: NFKC, without the spaces round it, casefolded."""
    return unicodedata.normalize("NFKC", password).strip().casefold()


@cache
def the_list() -> BreachedPasswords:
    """The table that comes with the product."""
    return BreachedPasswords(FILE.read_bytes())


def _place(password: str) -> tuple[int, bytes]:
    digest = hashlib.sha1(normalised(password).encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:2]), digest[2 : 2 + _REST_BYTES]
