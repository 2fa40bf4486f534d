"""Events that somebody who guards the product looks for: one line each, with ids and nothing about a person.

Every line has `event` "security" and says under `what` what happened; the request's id, which every line carries,
leads to its route, and the session's row to its device and address. Times are UTC. docs-source/security.md lists them.
"""

from typing import Any

import structlog

from app.utils.errors import DomainError

log = structlog.get_logger(__name__)

_FOR_GUARDS = frozenset({401, 403, 429})
_BYPASSES = frozenset({"bad_cursor", "bad_signature", "code_wrong", "idempotency_mismatch", "token_invalid"})


def note(what: str, *, user: str = "", **facts: Any) -> None:
    """The event is in the log. what: `area.verb`, such as `session.started`; user: whose account, when it is known."""
    log.info("security", what=what, user=user, **facts)


def note_alarm(what: str, *, user: str = "", **facts: Any) -> None:
    """The same for what somebody should look at soon: a stolen token, a copied passkey."""
    log.warning("security", what=what, user=user, **facts)


def note_refusal(refusal: DomainError, *, user: str = "", **facts: Any) -> None:
    """A refusal is in the log if it is one of access, of a limit, or of something made up."""
    if refusal.status in _FOR_GUARDS or refusal.code in _BYPASSES:
        note("request.refused", user=user, code=refusal.code, status=refusal.status, **facts)
