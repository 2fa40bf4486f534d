"""Proving again who one is, by whatever the account has: password, authenticator app or passkey."""

from dataclasses import dataclass, field
from datetime import datetime

from app.env import Settings
from app.services.accounts import passkeys, totp
from app.services.accounts.login import prove_by_password
from app.services.accounts.passkeys import Credential, Options, PasskeyRefused
from app.services.accounts.rights import Identity
from app.services.accounts.sessions import mark_second_factor


@dataclass(frozen=True, slots=True)
class Proof:
    """One of the three."""

    password: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    credential: Credential | None = field(default=None, repr=False)


def prove(identity: Identity, proof: Proof, *, now: datetime, settings: Settings) -> None:
    """The session counts as proved from now on; by code or passkey, also as one with a second factor.

    Raises BadCredentials, BadCode, PasskeyRefused (401), TooManyAttempts (429).
    """
    if proof.password is not None:
        prove_by_password(identity, proof.password, now=now, settings=settings)
    elif proof.code is not None:
        totp.use_code(identity.id, proof.code, now=now, settings=settings)
        mark_second_factor(identity, now=now)
    else:
        _ensure_passkey(identity, proof.credential or {}, now, settings)
        mark_second_factor(identity, now=now)


def begin_passkey(identity: Identity, *, now: datetime, settings: Settings) -> Options:
    """What the browser uses one of the person's passkeys with."""
    allowed = passkeys.known(passkeys.list_passkeys(identity.id))
    return passkeys.begin_use(passkeys.PROVE, identity.id, allowed, now=now, settings=settings)


def _ensure_passkey(identity: Identity, credential: Credential, now: datetime, settings: Settings) -> None:
    if passkeys.use(passkeys.PROVE, credential, now=now, settings=settings) != identity.id:
        raise PasskeyRefused("This passkey was not accepted.")
