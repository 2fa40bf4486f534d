"""Passkeys by PyPI `webauthn`: its classes and faults stop here; credentials come and go as W3C JSON."""

from app.plugins.webauthn.ceremonies import (
    Assertion,
    CeremonyRefused,
    Known,
    NewCredential,
    Presented,
    assertion_options,
    creation_options,
    read_assertion,
    read_challenge,
    verify_assertion,
    verify_creation,
)
from app.plugins.webauthn.party import RelyingParty, relying_party

__all__ = [
    "Assertion",
    "CeremonyRefused",
    "Known",
    "NewCredential",
    "Presented",
    "RelyingParty",
    "assertion_options",
    "creation_options",
    "read_assertion",
    "read_challenge",
    "relying_party",
    "verify_assertion",
    "verify_creation",
]
