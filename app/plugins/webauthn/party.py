"""Whom a passkey is made for: the site's domain, and the addresses its pages are served at."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from app.env import Settings

NAME = "Marketplace"


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """id: the domain that browsers bind a passkey to. origins: where its ceremonies may happen."""

    id: str
    origins: tuple[str, ...]
    name: str = NAME


def relying_party(settings: Settings) -> RelyingParty:
    """The party of these settings: the site's own host and origin, unless they name others.

    Browsers make no passkeys for an IP address; a site on a loopback address has them as localhost.
    """
    site = urlsplit(settings.site_url)
    host = site.hostname or "localhost"
    origins = [f"{site.scheme}://{site.netloc}"]
    if _is_loopback(host):
        host = "localhost"
        origins.append(f"{site.scheme}://localhost" + (f":{site.port}" if site.port else ""))
    return RelyingParty(settings.passkey_domain or host, settings.passkey_origins or tuple(origins))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
