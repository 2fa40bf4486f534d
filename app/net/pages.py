"""Cursors that only this product can write, and only for the list they came from."""

import hashlib
from collections.abc import Sequence
from typing import Any

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

from app.net.schemas.common import PageQuery, TablePageQuery
from app.utils.errors import DomainError

CURSOR_LIFETIME_SECONDS = 24 * 3600
TABLE_DEPTH = 10_000
_NOT_PART_OF_A_LIST = {"after", "size", "page"}


class BadCursor(DomainError):
    """The cursor is forged, too old, or belongs to another list or other filters (422)."""

    code, status = "bad_cursor", 422


class PageTooDeep(DomainError):
    """Page × size goes beyond what the search store pages by number (422)."""

    code, status = "page_too_deep", 422


def after_of(query: PageQuery) -> list[Any] | None:
    """The sort values behind `query.after`, or None for the first page.

    Raises BadCursor (422) when this product did not sign it for this path, these filters and this order.
    """
    if query.after is None:
        return None
    try:
        fingerprint, values = _signer().loads(query.after, max_age=CURSOR_LIFETIME_SECONDS)
    except (BadData, ValueError, TypeError):
        raise _bad_cursor() from None
    if fingerprint != _fingerprint(query) or not isinstance(values, list):
        raise _bad_cursor()
    return values


def next_of(query: PageQuery, values: Sequence[Any] | None) -> str | None:
    """The signed cursor of the page behind `values` (plain JSON sort values), or None after the last."""
    if values is None:
        return None
    text = _signer().dumps([_fingerprint(query), list(values)])
    return text if isinstance(text, str) else text.decode("ascii")


def skip_of(query: TablePageQuery) -> int:
    """How many entries lie before this numbered page. Raises PageTooDeep (422) beyond entry 10000."""
    if query.page * query.size > TABLE_DEPTH:
        raise PageTooDeep(
            "Pages end at entry 10000. Narrow the search instead.", fields={"page": ["goes beyond entry 10000"]}
        )
    return (query.page - 1) * query.size


def order_of(sort: str) -> tuple[str, bool]:
    """The field a checked `sort` text names and whether it descends."""
    return sort.removeprefix("-"), sort.startswith("-")


def _bad_cursor() -> BadCursor:
    return BadCursor(
        "This page cursor is not valid for this list. Start from the first page.",
        fields={"after": ["is not a cursor of this list"]},
    )


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        current_app.config["SECRET_KEY"], salt="page-cursor", signer_kwargs={"digest_method": hashlib.sha256}
    )


def _fingerprint(query: PageQuery) -> str:
    asked = query.model_dump_json(exclude=_NOT_PART_OF_A_LIST)
    return hashlib.blake2b(f"{request.path}\n{asked}".encode(), digest_size=8).hexdigest()
