"""The one family of refusals; `net` turns each into the one error shape."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class DomainError(Exception):
    """A rule said no. `code` is listed in common/errors.json and `status` is the HTTP class it answers.

    fields: request path → messages for people; only with status 422.
    details: plain JSON values a client can act on, such as {"available": 2}.
    """

    code: ClassVar[str] = "invalid"
    status: ClassVar[int] = 422

    def __init__(
        self,
        message: str,
        *,
        fields: Mapping[str, Sequence[str]] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.fields = {name: list(texts) for name, texts in (fields or {}).items()}
        self.details = dict(details or {})


class InvalidValue(DomainError):
    """One or more values cannot be accepted (422)."""

    code, status = "invalid", 422


class NotFound(DomainError):
    """There is no such thing, or it is another's and private (404)."""

    code, status = "not_found", 404


class ConcurrentChange(DomainError):
    """Somebody else changed the same row first; reading it again and deciding anew is safe (409)."""

    code, status = "conflict", 409


class StoreUnavailable(DomainError):
    """Cassandra did not answer in time; nothing half written is left behind (503)."""

    code, status = "store_unavailable", 503


class SearchUnavailable(DomainError):
    """Elasticsearch did not answer; reads by key still work (503)."""

    code, status = "search_unavailable", 503
