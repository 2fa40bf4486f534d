"""The end of single ways in, whoever ends them: the person, the end of the account, or the proof of an address."""

import hashlib
from base64 import urlsafe_b64decode
from contextlib import suppress

from app.models.accounts import FederatedIdentity, FederatedLink, Passkey, PasskeyCredential, SecondFactor
from app.utils.errors import ConcurrentChange


def credential_hash(credential_id: str) -> str:
    """The key of a credential's claim. credential_id: base64url, as the browser names it."""
    padded = credential_id + "=" * (-len(credential_id) % 4)
    return hashlib.sha256(urlsafe_b64decode(padded)).hexdigest()


def forget_passkey(passkey: Passkey) -> None:
    """Row and claim of the passkey are gone; doing it again changes nothing."""
    with suppress(ConcurrentChange):  # a use at the same moment: then the newer row
        passkey.delete_if_unchanged()
    if (standing := Passkey.find_serial(*passkey.key)) is not None:
        standing.delete_if_unchanged()
    claim = PasskeyCredential.find_serial(credential_hash(passkey.credential_id))
    if claim is not None and claim.passkey_id == passkey.id:
        claim.delete_if_unchanged()


def forget_link(link: FederatedLink) -> None:
    """Claim and row of the login elsewhere are gone; doing it again changes nothing."""
    identity = FederatedIdentity.find_serial(link.issuer, link.subject)
    if identity is not None and identity.user_id == link.user_id:
        identity.delete_if_unchanged()
    standing = FederatedLink.find_serial(*link.key)
    if standing is not None:
        standing.delete_if_unchanged()


def forget_factors(user_id: str) -> None:
    """No passkey, login elsewhere, authenticator app or recovery code of this person opens anything any more.

    Doing it again changes nothing.
    """
    for link in FederatedLink.objects(user_id=user_id).limit(1000):
        forget_link(link)
    forget_second_factors(user_id)


def forget_second_factors(user_id: str) -> None:
    """The same, but logins elsewhere still open the account."""
    for passkey in Passkey.objects(user_id=user_id).limit(1000):
        forget_passkey(passkey)
    row = SecondFactor.find_serial(user_id)
    if row is not None:
        row.delete_if_unchanged()
