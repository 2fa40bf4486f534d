"""What a provider is asked for over the network: its description, its keys, tokens, and who a token stands for.

Description and keys are kept for an hour in this process; an unknown key makes them be read again, but not more often
than every FORCED_PAUSE_SECONDS, because anybody can send a token with an unknown key.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_token_request

from app.plugins.oidc.errors import LoginProviderUnavailable, LoginRefused
from app.plugins.oidc.providers import Provider

log = structlog.get_logger(__name__)

KEPT_SECONDS = 3600
FORCED_PAUSE_SECONDS = 10
LONGEST_ANSWER_BYTES = 512 * 1024
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
_NEEDED = ("issuer", *_ENDPOINTS[:3])

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Kept:
    document: Document
    read_at: float


class _Memory:
    """Documents by address, shared by the threads of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}
        self._forced_at: dict[str, float] = {}

    def get(self, address: str) -> Document | None:
        with self._lock:
            kept = self._kept.get(address)
        return kept.document if kept and time.monotonic() - kept.read_at < KEPT_SECONDS else None

    def put(self, address: str, document: Document) -> None:
        with self._lock:
            self._kept[address] = _Kept(document, time.monotonic())

    def may_force(self, address: str) -> bool:
        """Whether an unknown key may make this be read again now; saying yes counts."""
        now = time.monotonic()
        with self._lock:
            if now - self._forced_at.get(address, -FORCED_PAUSE_SECONDS) < FORCED_PAUSE_SECONDS:
                return False
            self._forced_at[address] = now
        return True


_memory = _Memory()


def description(provider: Provider) -> Document:
    """What the provider says of itself (OpenID Connect Discovery 1.0). Raises LoginProviderUnavailable (502)."""
    document = _memory.get(provider.configuration_url)
    if document is None:
        document = _ask(provider, "GET", provider.configuration_url)
        _ensure_usable(provider, document)
        _memory.put(provider.configuration_url, document)
    return document


def key_documents(provider: Provider, *, force: bool = False) -> list[Document]:
    """The provider's public keys as JWKs. force: read again, when that may be. Raises LoginProviderUnavailable."""
    address = description(provider)["jwks_uri"]
    document = None if force and _memory.may_force(address) else _memory.get(address)
    if document is None:
        document = _ask(provider, "GET", address)
        _memory.put(address, document)
    keys = document.get("keys")
    return [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []


def tokens_for(provider: Provider, *, code: str, verifier: str, redirect_url: str) -> Document:
    """What the code is worth at the provider. Raises LoginRefused (401) when nothing, LoginProviderUnavailable."""
    about = description(provider)
    form = {"client_id": provider.client_id}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    auth = None
    if provider.client_secret and "client_secret_basic" in _methods(about):
        auth = httpx.BasicAuth(quote_plus(provider.client_id), quote_plus(provider.client_secret))
    elif provider.client_secret:
        form["client_secret"] = provider.client_secret
    body = prepare_token_request(
        "authorization_code", code=code, redirect_uri=redirect_url, code_verifier=verifier, **form
    )
    return _ask(provider, "POST", about["token_endpoint"], content=body, headers=headers, auth=auth)


def claims_at(provider: Provider, access_token: str) -> Document:
    """What the provider tells of the person at its userinfo endpoint; nothing where it has none."""
    address = description(provider).get("userinfo_endpoint")
    if not address:
        return {}
    return _ask(provider, "GET", address, headers={"Authorization": f"Bearer {access_token}"})


def _methods(about: Document) -> list[str]:
    return about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]


def _ask(provider: Provider, method: str, address: str, **request: Any) -> Document:
    """The JSON object at this address. A refusal (4xx) of a POST means that the login is; all else is a fault."""
    deadline = time.monotonic() + 2 * provider.timeout_seconds
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", **request.pop("headers", {})}
    try:
        with (
            httpx.Client(timeout=provider.timeout_seconds, follow_redirects=False) as client,
            client.stream(method, address, headers=headers, **request) as answer,
        ):
            content = _content(answer, deadline)
        document = httpx.Response(answer.status_code, content=content).json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as fault:
        raise _unavailable(provider, address, type(fault).__name__) from fault
    if method == "POST" and 400 <= answer.status_code < 500 and answer.status_code != 429:
        if isinstance(document, Mapping) and document.get("error") == "invalid_grant":
            raise LoginRefused
        raise _unavailable(provider, address, f"status {answer.status_code}")
    if answer.status_code != 200 or not isinstance(document, dict):
        raise _unavailable(provider, address, f"status {answer.status_code}")
    return document


def _content(answer: httpx.Response, deadline: float) -> bytes:
    """The whole body; one that is too long, or drips in for too long, is a fault. Raises ValueError."""
    content = b""
    for part in answer.iter_bytes():
        content += part
        if len(content) > LONGEST_ANSWER_BYTES or time.monotonic() > deadline:
            raise ValueError("the answer is too long or too slow")
    return content


def _ensure_usable(provider: Provider, about: Document) -> None:
    """The description is the issuer's own, and every address in it as safe as the issuer's (Discovery 1.0, 4.3)."""
    scheme = urlsplit(provider.issuer).scheme
    schemes = {"https", scheme}
    if not all(isinstance(about.get(name), str) for name in _NEEDED) or about["issuer"] != provider.issuer:
        raise _unavailable(provider, provider.configuration_url, "wrong description")
    for name in _ENDPOINTS:
        if name in about and urlsplit(str(about[name])).scheme not in schemes:
            raise _unavailable(provider, provider.configuration_url, f"{name} is not safe")


def _unavailable(provider: Provider, address: str, reason: str) -> LoginProviderUnavailable:
    log.warning("login provider failed", provider=provider.name, host=urlsplit(address).netloc, reason=reason)
    return LoginProviderUnavailable(provider.name)
