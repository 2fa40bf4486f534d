"""The providers that the settings name (OIDC_PROVIDERS)."""

import json
from dataclasses import dataclass, field
from functools import lru_cache

from app.env import Settings

DEFAULT_SCOPES = ("openid", "email", "profile")
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Provider:
    """One place to log in at. app_redirect_url: where a mobile app takes the answer; empty: at our own callback."""

    name: str
    label: str
    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    discovery_url: str = ""
    app_redirect_url: str = ""
    timeout_seconds: float = 5.0

    @property
    def configuration_url(self) -> str:
        return self.discovery_url or self.issuer.rstrip("/") + _WELL_KNOWN


def providers_of(settings: Settings) -> tuple[Provider, ...]:
    """The providers, in the order the settings name them."""
    return _read(settings.oidc_providers, settings.oidc_timeout_seconds)


def find_provider(settings: Settings, name: str) -> Provider | None:
    """The provider of this name, or None."""
    return next((provider for provider in providers_of(settings) if provider.name == name), None)


@lru_cache(maxsize=16)
def _read(text: str, timeout_seconds: float) -> tuple[Provider, ...]:
    return tuple(
        Provider(
            name=entry["name"],
            label=entry.get("label") or entry["name"].capitalize(),
            issuer=entry["issuer"],
            client_id=entry["client_id"],
            client_secret=entry.get("client_secret", ""),
            scopes=tuple(entry.get("scopes") or DEFAULT_SCOPES),
            discovery_url=entry.get("discovery_url", ""),
            app_redirect_url=entry.get("app_redirect_url", ""),
            timeout_seconds=timeout_seconds,
        )
        for entry in json.loads(text or "[]")
    )
