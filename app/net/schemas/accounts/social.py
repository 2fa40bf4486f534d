"""Logins at other places, on the wire."""

from typing import Annotated, Self

from pydantic import Field

from app.models.accounts import FederatedLink
from app.net.schemas.accounts.fields import Client
from app.net.schemas.common import Body, Id, Instant, Out, PathIds, Query
from app.plugins.oidc import Provider

OwnPath = Annotated[
    str,
    Field(
        max_length=500,
        pattern=r"^/([^/\\\x00-\x20\x7f][^\\\x00-\x20\x7f]*)?$",
        description="A path of this site, to go on at.",
    ),
]
_Code = Annotated[str, Field(max_length=4000, repr=False)]
_State = Annotated[str, Field(min_length=1, max_length=200, repr=False)]
_Issuer = Annotated[str, Field(max_length=500, description="RFC 9207: who answers.")]


class ProviderPath(PathIds):
    provider: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


class LinkPath(PathIds):
    link_id: Id


class StartQuery(Query):
    """Where to go on, and for whom it is."""

    next: OwnPath = "/"
    client: Client = "browser"
    device_name: str = Field("", max_length=120)


class StartIn(Body):
    """The same, for linking and proving."""

    next: OwnPath = "/"
    client: Client = "browser"
    device_name: str = Field("", max_length=120)


class CallbackQuery(Query):
    """What the provider sends back."""

    state: _State
    code: _Code = ""
    error: str = Field("", max_length=200)
    iss: _Issuer = ""


class SocialLoginIn(Body):
    """What the provider sent back to a mobile app."""

    code: _Code
    state: _State
    iss: _Issuer = ""


class LoginProviderOut(Out):
    """A place to log in at."""

    name: str
    label: str
    start: str = Field(description="Where a browser begins.")

    @classmethod
    def of(cls, provider: Provider) -> Self:
        return cls(name=provider.name, label=provider.label, start=f"/api/auth/social/{provider.name}/start")


class BegunOut(Out):
    """Where the person goes. An app keeps the state and takes no answer with another one."""

    authorization_url: str = Field(repr=False)
    state: str = Field(repr=False)
    expires_in: int = Field(description="Seconds.")


class LinkedLoginOut(Out):
    """A login at another place that opens this account."""

    id: str
    provider: str
    email: str = Field(description="As the provider tells it.")
    linked_at: Instant
    last_used_at: Instant | None

    @classmethod
    def of(cls, link: FederatedLink) -> Self:
        return cls(
            id=link.id,
            provider=link.provider,
            email=link.email or "",
            linked_at=link.linked_at,
            last_used_at=link.last_used_at,
        )
