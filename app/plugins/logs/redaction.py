"""What never reaches a log: secrets and people, by name and where they hide inside texts."""

import re
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

MASK = "[removed]"
_PLAIN_NAMES = frozenset({"at", "level", "request_id", "method", "route", "logger"})
"""Written by the product itself, on every line."""
_DEPTH = 6
_SECRET_NAMES = re.compile(
    r"pass(word|wd|phrase)|secret|token|authorization|cookie|csrf|signature|api[_-]?key|private[_-]?key|"
    r"credential|card[_-]?(number|no)|\bpan\b|\bcvc\b|\bcvv\b|\biban\b|\botp\b|\bpin\b|session[_-]?id",
    re.IGNORECASE,
)
_PERSONAL_NAMES = re.compile(
    r"e?mail(_?address)?|recipients?|phone(_?number)?|(user|first|last|full|sur)_?name|billing|postcode|"
    r"(street|address)_?[12]|document_?number|birth(_?(day|date))?|push_?token",
    re.IGNORECASE,
)
"""Whole names; a word within one (`mail_key`, `email_change`) says nothing about its value."""
_SUSPECT = re.compile(r"bearer|basic|eyj|token|pass|secret|key|sign|cookie|sk_|whsec|\d{4}|@|%40|\+\d", re.IGNORECASE)
_IN_TEXT = (
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), MASK),
    (re.compile(r"\b(sk|rk|pk|whsec)_(live|test)?_?[A-Za-z0-9]{8,}"), MASK),
    (
        re.compile(
            r"""(["']?[\w-]*(?:password|passwd|secret|token|authorization|cookie|signature|api[_-]?key|csrf)"""
            r"""[\w-]*["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&}]+)""",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
)
_PEOPLE_IN_TEXT = (
    re.compile(r"[^\s@<>()\[\]{}\"',;:=|/\\]+(?:@|%40)[\w-]+(?:\.[\w-]+)*", re.IGNORECASE),
    re.compile(r"(?<![\w+])(?:\+|%2B)\d(?:[ ().-]{0,2}\d){6,14}(?!\d)", re.IGNORECASE),
)
"""Mail addresses, and phone numbers as E.164 writes them, spaced or not."""
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: the same event with every secret and everybody's address and number masked."""
    for name, value in event.items():
        if name not in _PLAIN_NAMES:
            event[name] = clean(value, name)
    return event


def clean(value: Any, name: str = "", depth: int = 0) -> Any:
    """The value as it may be logged under this name."""
    if isinstance(value, (int, float)) or value is None:
        return value
    if name and _is_secret_name(name):
        return MASK if value else value
    if isinstance(value, str):
        return clean_text(value)
    if depth >= _DEPTH:
        return "[deep]"
    if isinstance(value, Mapping):
        return {key: clean(entry, str(key), depth + 1) for key, entry in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [clean(entry, "", depth + 1) for entry in value]
    if isinstance(value, bytes):
        return f"[{len(value)} bytes]"
    return clean_text(str(value))


@lru_cache(maxsize=1024)
def _is_secret_name(name: str) -> bool:
    return _SECRET_NAMES.search(name) is not None or _PERSONAL_NAMES.fullmatch(name) is not None


def clean_text(text: str) -> str:
    """The text without bearer values, signed tokens, provider keys, `password=...` pairs, card numbers, mail addresses
    and phone numbers."""
    if not _SUSPECT.search(text):
        return text
    for pattern, replacement in _IN_TEXT:
        text = pattern.sub(replacement, text)
    for person in _PEOPLE_IN_TEXT:
        text = person.sub(MASK, text)
    return _CARD.sub(lambda found: MASK if _is_card(found.group()) else found.group(), text)


def _is_card(text: str) -> bool:
    """Whether the digits pass the Luhn check of payment cards (ISO/IEC 7812-1)."""
    digits = [int(sign) for sign in reversed(text) if sign.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[0::2]) + sum(doubled)) % 10 == 0
