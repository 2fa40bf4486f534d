"""Whose account a login at another place opens: by (issuer, subject), which a provider never gives to anybody else.

An email links such a login to an account that exists only when both sides vouch for it: the provider says that it is
verified, and the account's own is confirmed. Otherwise somebody could take over an account by telling its email to a
lax provider, or wait in an account made with somebody else's email. Accounts of staff are linked by hand only.
"""

import hashlib
from base64 import urlsafe_b64encode
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from app.env import Settings
from app.models.accounts import FederatedIdentity, FederatedLink, User
from app.plugins.oidc import LoginRefused, Person, Provider, find_provider
from app.services import messages
from app.services.accounts import names, ways_in
from app.services.accounts.forgetting import forget_link
from app.services.accounts.registration import NewAccount, UsernameTaken, register
from app.services.accounts.rights import Identity, is_staff
from app.utils.errors import ConcurrentChange, DomainError, InvalidValue, NotFound
from app.utils.ids import new_id
from app.utils.security_log import note

ABANDONED_AFTER = timedelta(minutes=1)
MOST = 20
_NOBODY = "0" * 27


class IdentityTaken(DomainError):
    """This login opens another account (409)."""

    code, status = "identity_taken", 409


class LinkRequired(DomainError):
    """An account with this email exists, and nothing proves that it is the same person's (409)."""

    code, status = "link_required", 409


def account_of(provider: Provider, person: Person, *, now: datetime, settings: Settings) -> User:
    """The account that this login opens: the linked one, else one with the same email, else a new one.

    Raises LinkRequired, ConcurrentChange (409), LoginRefused (401: the provider tells no email).
    """
    identity = FederatedIdentity.find(person.issuer, person.subject)
    user = User.find(identity.user_id) if identity else None
    if identity and user is None and now - identity.claimed_at < ABANDONED_AFTER:
        raise ConcurrentChange("This account is being made right now. Please try again.")
    if user is None:
        user = _account_by_email(provider, person, now, settings)
    _note_use(user, provider, person, now)
    return user


def link(identity: Identity, provider: Provider, person: Person, *, now: datetime) -> FederatedLink:
    """The login opens this account from now on. Raises IdentityTaken (409), InvalidValue (422: too many)."""
    if len(list_links(identity.id)) >= MOST:
        raise InvalidValue(f"An account has {MOST} logins at other places at most.")
    if is_linked(identity.id, person):
        return _note_use(identity.user, provider, person, now)
    _claim(person, identity.id, now)
    linked = _note_use(identity.user, provider, person, now)
    note("factor.added", user=identity.id, factor="provider")
    _tell_added(identity.user, provider, person, now)
    return linked


def unlink(identity: Identity, link_id: str, *, now: datetime, settings: Settings) -> None:
    """The login opens this account no more. Raises NotFound (404), LastWayIn (409)."""
    found = FederatedLink.find(identity.id, link_id)
    if found is None:
        raise NotFound("There is no such login.")
    with ways_in.leaving(identity.user, ways_in.of_link(found)):
        forget_link(found)
    provider = find_provider(settings, found.provider)
    what = f"The login with {provider.label if provider else found.provider}"
    note("factor.removed", user=identity.id, factor="provider")
    messages.factor_removed(identity.user, what, key=f"login/{link_id}/{now.isoformat()}", now=now)


def list_links(user_id: str) -> list[FederatedLink]:
    """The person's logins at other places."""
    return list(FederatedLink.objects(user_id=user_id).limit(100))


def is_linked(user_id: str, person: Person) -> bool:
    """Whether this login opens this account."""
    identity = FederatedIdentity.find(person.issuer, person.subject)
    return identity is not None and identity.user_id == user_id


def _account_by_email(provider: Provider, person: Person, now: datetime, settings: Settings) -> User:
    try:
        email = names.clean_email(person.email)
    except InvalidValue:
        raise LoginRefused("email_missing") from None
    holder = User.find(names.find_holder(email) or _NOBODY)
    if holder is None:
        return _sign_up(person, email, now, settings)
    if not (person.is_email_verified and holder.email == email and holder.email_confirmed_at) or is_staff(holder):
        raise _link_required()
    _claim(person, holder.id, now)
    _tell_added(holder, provider, person, now)
    return holder


def _sign_up(person: Person, email: str, now: datetime, settings: Settings) -> User:
    """A new account without a password; the login is claimed for it first, so two at once do not make two."""
    account = NewAccount(email, None, first_name=person.first_name, last_name=person.last_name)
    user_id = new_id()
    try:
        _claim(person, user_id, now)
    except IdentityTaken:
        raise ConcurrentChange("This account is being made right now. Please try again.") from None
    try:
        user = register(account, now=now, settings=settings, user_id=user_id)
    except UsernameTaken:
        _release(person, user_id)
        raise _link_required() from None
    if person.is_email_verified:
        user.update(email_confirmed_at=now)
    messages.welcome(
        user_id=user.id, email=user.email, username=user.username, first_name=user.first_name or "", now=now
    )
    return user


def _claim(person: Person, user_id: str, now: datetime) -> None:
    """The login is this user's; a claim for a user who never came to be is taken over. Raises IdentityTaken (409)."""
    row, is_new = FederatedIdentity.create_if_absent(
        issuer=person.issuer, subject=person.subject, user_id=user_id, claimed_at=now
    )
    if is_new or row.user_id == user_id:
        return
    if now - row.claimed_at < ABANDONED_AFTER or User.find(row.user_id) is not None:
        raise IdentityTaken("This login belongs to another account.")
    try:
        row.update_if_unchanged(user_id=user_id, claimed_at=now)
    except ConcurrentChange:
        raise IdentityTaken("This login belongs to another account.") from None


def _release(person: Person, user_id: str) -> None:
    row = FederatedIdentity.find_serial(person.issuer, person.subject)
    if row is not None and row.user_id == user_id:
        with suppress(ConcurrentChange):
            row.delete_if_unchanged()


def _note_use(user: User, provider: Provider, person: Person, now: datetime) -> FederatedLink:
    """The person's list has this login and when it was used; also heals what a crash left undone."""
    used: dict[str, Any] = {"last_used_at": now, "email": person.email[:191], "provider": provider.name}
    row, is_new = FederatedLink.create_if_absent(
        user_id=user.id,
        id=link_id_of(person),
        issuer=person.issuer,
        subject=person.subject,
        linked_at=now,
        **used,
    )
    return row if is_new else FederatedLink.change(row.key, lambda seen: used, row)


def link_id_of(person: Person) -> str:
    """The id of this login in its person's list."""
    digest = hashlib.sha256(f"{person.issuer}\n{person.subject}".encode()).digest()
    return urlsafe_b64encode(digest[:21]).decode()


def _tell_added(user: User, provider: Provider, person: Person, now: datetime) -> None:
    key = f"login/{link_id_of(person)}/{now.isoformat()}"
    messages.factor_added(user, f"The login with {provider.label}", key=key, now=now)


def _link_required() -> LinkRequired:
    return LinkRequired("There is an account with this email. Log in to it, then link this login.")
