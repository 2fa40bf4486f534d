"""The ways into an account, of which one at least stays.

Each way is a row of its own. So that two removals at once cannot take the last two, a removal first notes itself in
the person's one `SecondFactor` row, by a condition on that row, and what is noted there counts as gone.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from app.models.accounts import FederatedLink, Passkey, SecondFactor, User
from app.utils.errors import ConcurrentChange, DomainError, NotFound

PASSWORD, EMAIL, PHONE = "password", "email", "phone"


class LastWayIn(DomainError):
    """Without it nobody could get into the account any more (409)."""

    code, status = "last_way_in", 409


def of_passkey(passkey: Passkey) -> str:
    return f"passkey:{passkey.id}"


def of_link(link: FederatedLink) -> str:
    return f"login:{link.id}"


def ways_into(user: User) -> set[str]:
    """Every way into the account: the password, codes to a confirmed email or phone, passkeys, logins elsewhere."""
    ways = set()
    if user.password_hash:
        ways.add(PASSWORD)
    if user.email_confirmed_at is not None:
        ways.add(EMAIL)
    if user.phone_confirmed_at is not None:
        ways.add(PHONE)
    passkeys = Passkey.objects(user_id=user.id).limit(100)
    ways |= {of_passkey(passkey) for passkey in passkeys if passkey.locked_at is None}
    return ways | {of_link(link) for link in FederatedLink.objects(user_id=user.id).limit(100)}


@contextmanager
def leaving(user: User, way: str) -> Iterator[None]:
    """Inside the block this way may be removed: another one stays, whoever else removes one at the same time.

    Raises LastWayIn (409).
    """
    _note(user, way)
    yield
    with suppress(NotFound, ConcurrentChange):  # a note that stays says of a way that is gone that it is gone
        SecondFactor.change((user.id,), lambda row: _noted(row, set(row.leaving or ()) - {way}))


def _note(user: User, way: str) -> None:
    SecondFactor.create_if_absent(user_id=user.id)

    def decide(row: SecondFactor) -> dict[str, Any] | None:
        if not ways_into(user) - set(row.leaving or ()) - {way}:
            raise LastWayIn("This is the only way into the account. Add another one first.")
        return _noted(row, {*(row.leaving or ()), way})

    SecondFactor.change((user.id,), decide)


def _noted(row: SecondFactor, leaving: set[str]) -> dict[str, Any] | None:
    return None if set(row.leaving or ()) == leaving else {"leaving": leaving or None}
