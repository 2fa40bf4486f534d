"""The code flow from our side: where to send a person, and who came back."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from app.plugins.oidc import remote
from app.plugins.oidc.errors import LoginProviderUnavailable, LoginRefused
from app.plugins.oidc.id_tokens import CLOCK_SKEW_SECONDS, read_id_token
from app.plugins.oidc.providers import Provider

_VERIFIER_LENGTH = 64
_FRESH_SECONDS = 5 * 60
_PERSON_REASONS = ("access_denied", "login_required", "consent_required", "interaction_required")
_FAULT_REASONS = ("server_error", "temporarily_unavailable")


@dataclass(frozen=True, slots=True)
class Asked:
    """What one login was begun with, to be kept until it returns. verifier: of PKCE (RFC 7636)."""

    redirect_url: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    must_log_in_anew: bool = False


@dataclass(frozen=True, slots=True)
class Returned:
    """What the person's browser brings back. issuer: by RFC 9207, where the provider sends it."""

    code: str = field(default="", repr=False)
    error: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider knows. (issuer, subject) stay for ever; the rest is what it says today."""

    issuer: str
    subject: str
    email: str = ""
    is_email_verified: bool = False
    first_name: str = ""
    last_name: str = ""


def new_verifier() -> str:
    """A secret that proves at the end that it was us who began."""
    return generate_token(_VERIFIER_LENGTH)


def authorization_url(provider: Provider, asked: Asked, state: str) -> str:
    """Where the person logs in. Raises LoginProviderUnavailable (502)."""
    more: dict[str, Any] = {"prompt": "login", "max_age": 0} if asked.must_log_in_anew else {}
    return prepare_grant_uri(
        remote.description(provider)["authorization_endpoint"],
        provider.client_id,
        "code",
        redirect_uri=asked.redirect_url,
        scope=" ".join(provider.scopes),
        state=state,
        nonce=asked.nonce,
        code_challenge=create_s256_code_challenge(asked.verifier),
        code_challenge_method="S256",
        **more,
    )


def fetch_person(provider: Provider, asked: Asked, returned: Returned, *, now: datetime) -> Person:
    """Who logged in at the provider.

    Raises LoginRefused (401) when nobody did, or what came back was made for another login, by another, or too long
    ago; LoginProviderUnavailable (502).
    """
    _ensure_answered(provider, returned)
    tokens = remote.tokens_for(provider, code=returned.code, verifier=asked.verifier, redirect_url=asked.redirect_url)
    id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
    if not isinstance(id_token, str):
        raise LoginProviderUnavailable(provider.name)
    access_token = access_token if isinstance(access_token, str) else None
    claims = read_id_token(provider, id_token, nonce=asked.nonce, access_token=access_token, now=now)
    if asked.must_log_in_anew:
        _ensure_fresh(claims, now)
    if not claims.get("email") and access_token:
        claims = _completed(claims, remote.claims_at(provider, access_token))
    return _person(provider, claims)


def _is_vouched_for(told: Any) -> bool:
    """Whether `email_verified` says yes: the boolean, or its text, as some providers send it."""
    return told is True or told == "true"


def _ensure_answered(provider: Provider, returned: Returned) -> None:
    about = remote.description(provider)
    names_itself = about.get("authorization_response_iss_parameter_supported") is True
    if (returned.issuer or names_itself) and returned.issuer != provider.issuer:
        raise LoginRefused  # the answer of another provider, sent here so that its code is told here (RFC 9207)
    if returned.error in _FAULT_REASONS:
        raise LoginProviderUnavailable(provider.name)
    if returned.error or not returned.code:
        raise LoginRefused(returned.error if returned.error in _PERSON_REASONS else "")


def _ensure_fresh(claims: dict[str, Any], now: datetime) -> None:
    at = claims.get("auth_time")
    if not isinstance(at, (int, float)) or now.timestamp() - at > _FRESH_SECONDS + CLOCK_SKEW_SECONDS:
        raise LoginRefused("login_required")


def _completed(claims: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """The claims with those of the userinfo endpoint, if they are about the same person (Core 1.0, 5.3.2)."""
    if told.get("sub") != claims["sub"]:
        return claims
    return {**told, **claims, "email": told.get("email"), "email_verified": told.get("email_verified")}


def _person(provider: Provider, claims: dict[str, Any]) -> Person:
    def text(name: str) -> str:
        value = claims.get(name)
        return value.strip() if isinstance(value, str) else ""

    return Person(
        issuer=provider.issuer,
        subject=claims["sub"],
        email=text("email"),
        is_email_verified=_is_vouched_for(claims.get("email_verified")),
        first_name=text("given_name")[:150],
        last_name=text("family_name")[:150],
    )
