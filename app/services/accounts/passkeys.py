"""Passkeys: made by a person who has just proved who they are, kept with a name, checked at every use.

A challenge is a one-time token: it is good for one ceremony of its own kind, for five minutes, for whom it was made.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from app.env import Settings
from app.models.accounts import Passkey, PasskeyCredential, User
from app.plugins import webauthn
from app.plugins.webauthn import CeremonyRefused, Known
from app.services import messages
from app.services.accounts import one_time, second_step, ways_in
from app.services.accounts.forgetting import credential_hash, forget_passkey
from app.services.accounts.rights import Identity
from app.services.accounts.sessions import mark_second_factor
from app.utils.errors import DomainError, NotFound
from app.utils.ids import new_id
from app.utils.security_log import note

log = structlog.get_logger(__name__)

CHALLENGE_LIVES = timedelta(minutes=5)
MOST = 20
MAKE, LOGIN, PROVE, SECOND = "passkey-make", "passkey-login", "passkey-prove", "passkey-second"
"""What a challenge was made for."""
ANYONE = "anyone"
Credential = Mapping[str, Any]
Options = dict[str, Any]


class PasskeyInvalid(DomainError):
    """What the browser sent is no new passkey of this site (422)."""

    code, status = "passkey_invalid", 422


class PasskeyRefused(DomainError):
    """The passkey proves nothing here; never said why (401)."""

    code, status = "passkey_refused", 401


def list_passkeys(user_id: str) -> list[Passkey]:
    """The person's passkeys, oldest first."""
    return list(Passkey.objects(user_id=user_id).limit(100))


def begin_making(identity: Identity, *, now: datetime, settings: Settings) -> Options:
    """What the browser makes a passkey with, good for five minutes.

    Raises ContactUnconfirmed (409), PasskeyInvalid (422): MOST there are.
    """
    second_step.ensure_may_enrol(identity.user)
    existing = list_passkeys(identity.id)
    if len(existing) >= MOST:
        raise PasskeyInvalid(f"An account has {MOST} passkeys at most. Please remove one first.")
    return webauthn.creation_options(
        webauthn.relying_party(settings),
        user_id=identity.id,
        user_name=identity.username,
        shown_name=identity.user.full_name,
        challenge=one_time.issue(MAKE, identity.id, lives=CHALLENGE_LIVES, now=now),
        existing=known(existing),
    )


def add(identity: Identity, credential: Credential, name: str, *, now: datetime, settings: Settings) -> Passkey:
    """The passkey that the browser made is the person's. Raises ContactUnconfirmed (409), PasskeyInvalid (422)."""
    second_step.ensure_may_enrol(identity.user)
    try:
        challenge = webauthn.read_challenge(credential)
        if one_time.redeem(MAKE, challenge, now=now).subject != identity.id:
            raise _invalid()
        made = webauthn.verify_creation(webauthn.relying_party(settings), credential, challenge=challenge)
    except (CeremonyRefused, one_time.TokenInvalid) as fault:
        raise _invalid() from fault
    is_first = second_step.may_enrol_into(identity)
    passkey, _ = Passkey.create_if_absent(
        user_id=identity.id,
        id=_claim(identity.id, made.credential_id),
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=name,
        transports=set(made.transports),
        authenticator=made.authenticator,
        is_backed_up=made.is_backed_up,
        added_at=now,
    )
    if is_first:
        mark_second_factor(identity, now=now)
    note("factor.added", user=identity.id, factor="passkey")
    messages.factor_added(identity.user, _told(passkey), key=f"passkey/{passkey.id}", now=now)
    return passkey


def rename(user_id: str, passkey_id: str, name: str) -> Passkey:
    """The passkey has this name. Raises NotFound (404)."""
    return Passkey.change((user_id, passkey_id), lambda row: {"name": name})


def remove(identity: Identity, passkey_id: str, *, now: datetime) -> None:
    """The passkey opens nothing any more. Raises NotFound (404), LastWayIn (409)."""
    passkey = Passkey.find(identity.id, passkey_id)
    if passkey is None:
        raise NotFound("There is no such passkey.")
    with ways_in.leaving(identity.user, ways_in.of_passkey(passkey)):
        forget_passkey(passkey)
    note("factor.removed", user=identity.id, factor="passkey")
    messages.factor_removed(identity.user, _told(passkey), key=f"passkey/{passkey.id}", now=now)


def begin_use(purpose: str, subject: str, allowed: Sequence[Known], *, now: datetime, settings: Settings) -> Options:
    """What the browser uses a passkey with, good for five minutes. subject: whose it must be, a user's id or ANYONE."""
    return webauthn.assertion_options(
        webauthn.relying_party(settings),
        challenge=one_time.issue(purpose, subject, lives=CHALLENGE_LIVES, now=now),
        allowed=allowed,
        must_verify=purpose != SECOND,
    )


def use(purpose: str, credential: Credential, *, now: datetime, settings: Settings) -> str:
    """The passkey was used for a challenge of this purpose, which is spent; returns whose passkey it is.

    Its owner was verified by finger, face or PIN, except for a SECOND step, which follows another factor.
    Raises PasskeyRefused (401), also for a passkey whose count of uses went back: a copy of it may exist (W3C WebAuthn,
    6.1.1), so it is locked and its owner told.
    """
    try:
        claimed = webauthn.read_assertion(credential)
        subject = one_time.redeem(purpose, claimed.challenge, now=now).subject
        passkey = find(claimed.credential_id)
        if passkey is None or passkey.locked_at is not None or not _fits(passkey, subject, claimed.user_id):
            raise _refused()
        assertion = webauthn.verify_assertion(
            webauthn.relying_party(settings),
            credential,
            challenge=claimed.challenge,
            public_key=bytes(passkey.public_key),
            must_verify=purpose != SECOND,
        )
    except (CeremonyRefused, one_time.TokenInvalid) as fault:
        note("factor.refused", factor="passkey")
        raise _refused() from fault
    _count_use(passkey, assertion, now)
    note("factor.accepted", user=passkey.user_id, factor="passkey")
    return passkey.user_id


def find(credential_id: str) -> Passkey | None:
    """The passkey of this credential, or None."""
    claim = PasskeyCredential.find(credential_hash(credential_id))
    return Passkey.find(claim.user_id, claim.passkey_id) if claim else None


def known(passkeys: list[Passkey]) -> list[Known]:
    """Those that browsers may be told of: the ones that are not locked."""
    return [Known(row.credential_id, frozenset(row.transports or ())) for row in passkeys if row.locked_at is None]


def _fits(passkey: Passkey, subject: str, handle: str | None) -> bool:
    """Whether it is whose it must be; a passkey that nobody was named for has to name its user (WebAuthn 7.2, 6)."""
    if subject == ANYONE:
        return handle == passkey.user_id
    return subject == passkey.user_id and handle in (None, passkey.user_id)


def _claim(user_id: str, credential_id: str) -> str:
    """The id for a passkey of this credential, which nobody else has. Raises PasskeyInvalid (422)."""
    claim, _ = PasskeyCredential.create_if_absent(
        credential_hash=credential_hash(credential_id), user_id=user_id, passkey_id=new_id()
    )
    if claim.user_id != user_id or Passkey.find_serial(user_id, claim.passkey_id) is not None:
        raise _invalid()
    return claim.passkey_id


def _count_use(passkey: Passkey, assertion: webauthn.Assertion, now: datetime) -> None:
    def decide(row: Passkey) -> dict[str, Any]:
        if row.locked_at is not None:
            raise _refused()
        if (assertion.sign_count or row.sign_count) and assertion.sign_count <= row.sign_count:
            raise _CountWentBack("This passkey was not accepted.")
        return {"sign_count": assertion.sign_count, "last_used_at": now, "is_backed_up": assertion.is_backed_up}

    try:
        Passkey.change(passkey.key, decide, passkey)
    except NotFound:
        raise _refused() from None
    except _CountWentBack:
        _lock(passkey, now)
        raise


def _lock(passkey: Passkey, now: datetime) -> None:
    log.warning("passkey locked: its count of uses went back", user_id=passkey.user_id, passkey_id=passkey.id)
    Passkey.change(passkey.key, lambda row: None if row.locked_at else {"locked_at": now})
    owner = User.find(passkey.user_id)
    if owner is not None:
        messages.passkey_locked(owner, name=passkey.name, key=passkey.id, now=now)


class _CountWentBack(PasskeyRefused):
    pass


def _told(passkey: Passkey) -> str:
    return f"The passkey “{passkey.name}”"


def _invalid() -> PasskeyInvalid:
    return PasskeyInvalid("This passkey cannot be added. Please try again.")


def _refused() -> PasskeyRefused:
    return PasskeyRefused("This passkey was not accepted.")
