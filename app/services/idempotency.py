"""One execution a key: the first request with a key claims it, later ones get its answer."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.models.idempotency import DONE, KEPT_SECONDS, RUNNING, IdempotencyRecord
from app.utils.errors import ConcurrentChange, DomainError

CLAIM_SECONDS = 60
"""After this long a claim without an answer belongs to a crashed process; workers give up a request sooner."""

_PASSING_STATUSES = frozenset({401, 403, 409, 429})


class IdempotencyMismatch(DomainError):
    """The key was used with another body (422)."""

    code, status = "idempotency_mismatch", 422


class InProgress(DomainError):
    """The first request with this key has not answered yet (409)."""

    code, status = "in_progress", 409


@dataclass(frozen=True)
class Answer:
    """What went out for a request, enough to send it again."""

    status: int
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """The right to run a request; or, when `answer` is there, what its first run answered."""

    record: IdempotencyRecord
    answer: Answer | None = None


def scope_of(client: str, method: str, path: str, key: str) -> str:
    """The partition of a key: the same key of another client, method or path is another key."""
    return hashlib.sha256("\n".join((client, method, path, key)).encode()).hexdigest()


def claim(scope: str, fingerprint: str, *, now: datetime) -> Claim:
    """Take the key for this request, or learn what was answered under it within the last 24 hours.

    fingerprint: digest of the body. A claim without an answer is taken over after CLAIM_SECONDS.
    Raises IdempotencyMismatch (422), InProgress (409).
    """
    record, is_new = IdempotencyRecord.create_if_absent(
        scope=scope, state=RUNNING, fingerprint=fingerprint, claimed_at=now
    )
    if is_new:
        return Claim(record)
    if _is_over(record, now):
        return _take_over(record, fingerprint, now)
    if record.fingerprint != fingerprint:
        raise IdempotencyMismatch("This Idempotency-Key was used with another body.")
    if record.state == DONE:
        return Claim(record, _answer_of(record))
    if now - record.claimed_at >= timedelta(seconds=CLAIM_SECONDS):
        return _take_over(record, fingerprint, now)
    raise _in_progress()


def finish(claimed: Claim, answer: Answer) -> bool:
    """Keep the answer for 24 hours, or free the key when it says "try again". False: the claim was taken over."""
    try:
        if answer.status >= 500 or answer.status in _PASSING_STATUSES:
            claimed.record.delete_if_unchanged()
        else:
            claimed.record.update_if_unchanged(
                state=DONE, status=answer.status, headers=_pack(answer.headers), content=answer.content.decode()
            )
    except ConcurrentChange:
        return False
    return True


def release(claimed: Claim) -> bool:
    """Free the key of a request that failed, so that it can be sent again. False: somebody else holds it now."""
    try:
        claimed.record.delete_if_unchanged()
    except ConcurrentChange:
        return False
    return True


def _take_over(record: IdempotencyRecord, fingerprint: str, now: datetime) -> Claim:
    changes: dict[str, Any] = {"state": RUNNING, "fingerprint": fingerprint, "claimed_at": now}
    try:
        return Claim(record.update_if_unchanged(**changes, status=None, headers=None, content=None))
    except ConcurrentChange:
        raise _in_progress() from None


def _is_over(record: IdempotencyRecord, now: datetime) -> bool:
    return record.claimed_at is None or now - record.claimed_at >= timedelta(seconds=KEPT_SECONDS)


def _in_progress() -> InProgress:
    return InProgress(
        "The first request with this Idempotency-Key is still running.", details={"retry_after_seconds": 1}
    )


def _pack(headers: dict[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


def _answer_of(record: IdempotencyRecord) -> Answer:
    lines = (record.headers or "").split("\n")
    headers = dict(line.split(": ", 1) for line in lines if ": " in line)
    return Answer(record.status, (record.content or "").encode(), headers)
