"""The two ceremonies of Web Authentication, made to begin and checked at their end (W3C WebAuthn level 3, section 7).

A challenge is a text of base64url signs here; its bytes are what the authenticator signs. Everything in a credential
comes from a stranger: whatever is wrong with it, the caller sees CeremonyRefused.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.plugins.webauthn.party import RelyingParty

TIMEOUT_MILLISECONDS = 5 * 60 * 1000
ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_TRANSPORTS = {transport.value for transport in AuthenticatorTransport}
Credential = Mapping[str, Any]


class CeremonyRefused(Exception):
    """The credential was not made for this challenge, by this site, with this key, or cannot be read at all."""


@dataclass(frozen=True, slots=True)
class NewCredential:
    """What an authenticator made. public_key: COSE; authenticator: its model's id (AAGUID)."""

    credential_id: str
    public_key: bytes
    sign_count: int
    authenticator: str
    transports: frozenset[str]
    is_backed_up: bool
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Presented:
    """What a credential claims before anything was checked. user_id: out of its user handle, None without one."""

    credential_id: str
    challenge: str
    user_id: str | None


@dataclass(frozen=True, slots=True)
class Assertion:
    """A signature that holds. is_verified: the authenticator knew its owner by finger, face or PIN."""

    sign_count: int
    is_verified: bool
    is_backed_up: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A credential that browsers may be told of."""

    credential_id: str
    transports: frozenset[str] = frozenset()


def creation_options(
    party: RelyingParty, *, user_id: str, user_name: str, shown_name: str, challenge: str, existing: Sequence[Known]
) -> dict[str, Any]:
    """What `navigator.credentials.create` is called with, as W3C JSON."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=user_id.encode(),
        user_name=user_name,
        user_display_name=shown_name,
        challenge=base64url_to_bytes(challenge),
        timeout=TIMEOUT_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=[_descriptor(known) for known in existing],
        supported_pub_key_algs=ALGORITHMS,
    )
    return json.loads(webauthn.options_to_json(options))


def verify_creation(party: RelyingParty, credential: Credential, *, challenge: str) -> NewCredential:
    """The credential that was made. Raises CeremonyRefused."""
    try:
        made = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            supported_pub_key_algs=ALGORITHMS,
        )
    except Exception as fault:
        raise CeremonyRefused(str(fault)) from fault
    told = credential["response"].get("transports") or ()
    return NewCredential(
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        authenticator=made.aaguid,
        transports=frozenset(_TRANSPORTS.intersection(told)),
        is_backed_up=made.credential_backed_up,
        is_verified=made.user_verified,
    )


def assertion_options(
    party: RelyingParty, *, challenge: str, allowed: Sequence[Known] = (), must_verify: bool
) -> dict[str, Any]:
    """What `navigator.credentials.get` is called with, as W3C JSON. allowed: none means any of this site's."""
    verification = UserVerificationRequirement.REQUIRED if must_verify else UserVerificationRequirement.PREFERRED
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=base64url_to_bytes(challenge),
        timeout=TIMEOUT_MILLISECONDS,
        allow_credentials=[_descriptor(known) for known in allowed],
        user_verification=verification,
    )
    return json.loads(webauthn.options_to_json(options))


def read_challenge(credential: Credential) -> str:
    """The challenge that a new credential claims to answer. Raises CeremonyRefused."""
    try:
        parsed = parse_registration_credential_json(dict(credential))
        return _challenge_in(parsed.response.client_data_json)
    except Exception as fault:
        raise CeremonyRefused(str(fault)) from fault


def read_assertion(credential: Credential) -> Presented:
    """What the credential claims. Raises CeremonyRefused."""
    try:
        parsed = parse_authentication_credential_json(dict(credential))
        handle = parsed.response.user_handle
        return Presented(
            credential_id=bytes_to_base64url(parsed.raw_id),
            challenge=_challenge_in(parsed.response.client_data_json),
            user_id=handle.decode("ascii") if handle else None,
        )
    except Exception as fault:
        raise CeremonyRefused(str(fault)) from fault


def verify_assertion(
    party: RelyingParty, credential: Credential, *, challenge: str, public_key: bytes, must_verify: bool
) -> Assertion:
    """The assertion was signed for this challenge and site by this key. Raises CeremonyRefused.

    Whether the count of uses went on is for the caller to decide, against the row as it stands.
    """
    try:
        held = webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=must_verify,
        )
    except Exception as fault:
        raise CeremonyRefused(str(fault)) from fault
    return Assertion(held.new_sign_count, held.user_verified, held.credential_backed_up)


def _challenge_in(client_data: bytes) -> str:
    return str(json.loads(client_data)["challenge"])


def _descriptor(known: Known) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(name) for name in sorted(known.transports & _TRANSPORTS)]
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(known.credential_id), transports=transports or None)
