"""Proving again who one is, by whatever the account has: password, authenticator app, passkey, address or number."""

from dataclasses import dataclass, field
from datetime import datetime

from app.env import Settings
from app.services.accounts import passkeys, totp
from app.services.accounts.codes import prove_by_code
from app.services.accounts.login import prove_by_password
from app.services.accounts.passkeys import Credential, Options, PasskeyRefused
from app.services.accounts.rights import Identity
from app.services.accounts.sessions import mark_second_factor


@dataclass(frozen=True, slots=True)
class FreshProof:
    """One of the four. token: of a code that was verified for the person's own address or number."""

    password: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    credential: Credential | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)


def prove(identity: Identity, proof: FreshProof, *, now: datetime, settings: Settings) -> None:
    """The session counts as proved from now on; by code or passkey, also as one with a second factor.

    Raises BadCredentials, BadCode, PasskeyRefused (401), TokenInvalid (422), TooManyAttempts (429), Busy (503).
    """
    if proof.password is not None:
        prove_by_password(identity, proof.password, now=now, settings=settings)
    elif proof.code is not None:
        totp.use_code(identity.id, proof.code, now=now, settings=settings)
        mark_second_factor(identity, now=now)
    elif proof.token is not None:
        prove_by_code(identity, proof.token, now=now, settings=settings)
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
