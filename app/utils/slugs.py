"""Readable addresses made of titles in any script."""

import re
import unicodedata

from app.utils.ids import ID_LENGTH

SLUG_MAX = 80
_GAPS = re.compile(r"[\W_]+")
_SPECIAL = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "ı": "i"})


def slugify(title: str, *, fallback: str = "item") -> str:
    """Lower-case letters and digits of any script with single hyphens between, at most 80 characters.

    Accents on Latin letters go; other scripts stay as they are; a title without letters gives `fallback`.
    """
    lowered = title.casefold().translate(_SPECIAL)
    plain = "".join(_without_accent(letter) for letter in unicodedata.normalize("NFC", lowered))
    slug = _GAPS.sub("-", plain).strip("-")[:SLUG_MAX].strip("-") or fallback
    return f"{slug}-" + fallback if looks_like_id(slug) else slug


def looks_like_id(text: str) -> bool:
    """Whether a text has the form of a KSUID, which no slug may have."""
    return len(text) == ID_LENGTH and text.isascii() and text.isalnum()


def with_id(slug: str, item_id: str) -> str:
    """A slug that nobody else can have, for it ends with the item's own id; still within 80 characters."""
    return f"{slug[: SLUG_MAX - ID_LENGTH - 1].rstrip('-')}-{item_id}"


def id_within(slug: str) -> str | None:
    """The id that `with_id` put at the end, or None."""
    tail = slug.rpartition("-")[2]
    return tail if looks_like_id(tail) else None


def numbered(slug: str, suffix: str) -> str:
    """The slug with `-suffix` behind it, still within 80 characters."""
    return f"{slug[: SLUG_MAX - len(suffix) - 1].rstrip('-')}-{suffix}"


def _without_accent(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)
    if len(base) > 1 and base[0].isascii():
        return base[0]
    return letter
