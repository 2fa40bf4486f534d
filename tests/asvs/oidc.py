"""A login provider on a real socket, an application that knows it, and the way there and back."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.utils.ids import new_id
from tests.oidc_provider import Provider

START = "/api/auth/social/local/start"
CALLBACK = "/api/auth/social/local/callback"


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    made.person = {"sub": new_id(), "email": f"fay-{new_id()}@example.com".lower(), "email_verified": True}
    yield made
    made.close()


@pytest.fixture
def site(stores: Any, make_app: Any, provider: Provider) -> Any:
    """The application that lets people in by this provider."""
    providers = json.dumps([provider.setting()])
    return make_app(replace(stores, oidc_providers=providers, oidc_timeout_seconds=1.0))


def way_there(client: Any) -> str:
    """The address at the provider that this browser is sent to."""
    return client.get(START).headers["Location"]


def log_in_with(client: Any, provider: Provider) -> Any:
    """What the site answers to the browser that comes back from the provider."""
    return client.get(CALLBACK, query_string=provider.log_in(way_there(client)))
