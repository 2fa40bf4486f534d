"""ID tokens: accepted when the provider's own published key signed them for us, for this very login, and lately."""

from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, import_key
from joserfc.jws import JWSRegistry

from app.plugins.oidc import remote
from app.plugins.oidc.errors import LoginProviderUnavailable, LoginRefused
from app.plugins.oidc.providers import Provider

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by a private key only: neither `none` nor HMAC, whose key would be a public one."""
CLOCK_SKEW_SECONDS = 60


class _Signatures(JWSRegistry):
    """Our algorithms; providers add header names of their own, and certificates (RFC 7515, 4: unknown ones are
    ignored). Keys in a header are never used."""

    max_header_length = 16 * 1024

    def __init__(self) -> None:
        super().__init__(algorithms=ALGORITHMS, strict_check_header=False)


def read_id_token(
    provider: Provider, text: str, *, nonce: str, access_token: str | None, now: datetime
) -> dict[str, Any]:
    """The token's claims (OpenID Connect Core 1.0, 3.1.3.7). Raises LoginRefused (401), LoginProviderUnavailable."""
    try:
        token = _decoded(provider, text)
        claims = CodeIDToken(token.claims, token.header, _options(provider), _expected(provider, nonce, access_token))
        claims.validate(now=int(now.timestamp()), leeway=CLOCK_SKEW_SECONDS)
    except (JoseError, ValueError, TypeError, KeyError) as fault:
        raise LoginRefused from fault
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
        raise LoginRefused
    return dict(claims)


def _decoded(provider: Provider, text: str) -> jwt.Token:
    try:
        return jwt.decode(text, _key_set(provider, force=False), registry=_Signatures())
    except InvalidKeyIdError:
        return jwt.decode(text, _key_set(provider, force=True), registry=_Signatures())


def _key_set(provider: Provider, *, force: bool) -> KeySet:
    """The provider's signing keys; those of a kind we do not know are left out (RFC 7517, 5)."""
    keys = []
    for document in remote.key_documents(provider, force=force):
        if document.get("kty") in ("RSA", "EC", "OKP") and document.get("use", "sig") == "sig":
            try:
                keys.append(import_key(document))
            except (JoseError, ValueError, TypeError, KeyError):
                continue
    if not keys:
        raise LoginProviderUnavailable(provider.name)
    return KeySet(keys)


def _options(provider: Provider) -> Any:
    return {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "exp": {"essential": True},
        "iat": {"essential": True},
        "nonce": {"essential": True},
    }


def _expected(provider: Provider, nonce: str, access_token: str | None) -> dict[str, Any]:
    return {"nonce": nonce, "client_id": provider.client_id, "access_token": access_token}
