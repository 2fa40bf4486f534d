"""Logins at the OpenID providers of the settings (OpenID Connect Core 1.0, code flow with PKCE)."""

from app.plugins.oidc.errors import LoginProviderUnavailable, LoginRefused
from app.plugins.oidc.flow import Asked, Person, Returned, authorization_url, fetch_person, new_verifier
from app.plugins.oidc.providers import Provider, find_provider, providers_of

__all__ = [
    "Asked",
    "LoginProviderUnavailable",
    "LoginRefused",
    "Person",
    "Provider",
    "Returned",
    "authorization_url",
    "fetch_person",
    "find_provider",
    "new_verifier",
    "providers_of",
]
