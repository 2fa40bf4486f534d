"""Passkeys on the wire. The credentials are the browsers' own W3C JSON, which may grow names that are not read here."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field

from app.models.accounts import Passkey
from app.net.schemas.accounts.fields import Client
from app.net.schemas.common import Body, Id, Instant, Out, PathIds

_Base64Url = Annotated[str, Field(min_length=1, max_length=100_000, pattern=r"^[A-Za-z0-9_-]+={0,2}$")]
PasskeyName = Annotated[str, Field(min_length=1, max_length=60, examples=["Ann's phone"])]


class _FromBrowser(Body):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=False)


class AttestationResponse(_FromBrowser):
    clientDataJSON: _Base64Url
    attestationObject: _Base64Url
    transports: list[Annotated[str, Field(max_length=32)]] = Field([], max_length=16)


class AttestationIn(_FromBrowser):
    """`PublicKeyCredential.toJSON()` of a credential that was just made."""

    id: _Base64Url
    rawId: _Base64Url
    type: Literal["public-key"]
    response: AttestationResponse


class AssertionResponse(_FromBrowser):
    clientDataJSON: _Base64Url
    authenticatorData: _Base64Url
    signature: _Base64Url
    userHandle: _Base64Url | None = None


class AssertionIn(_FromBrowser):
    """`PublicKeyCredential.toJSON()` of a credential that was just used."""

    id: _Base64Url
    rawId: _Base64Url
    type: Literal["public-key"]
    response: AssertionResponse


class PasskeyOptionsOut(Out):
    """For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`; good for 5 minutes."""

    public_key: dict[str, Any]


class NewPasskeyIn(Body):
    """A passkey that the browser has just made, and what its owner calls it."""

    name: PasskeyName
    credential: AttestationIn


class PasskeyChangesIn(Body):
    """Another name for it."""

    name: PasskeyName


class PasskeyPath(PathIds):
    passkey_id: Id


class PasskeyLoginOptionsIn(Body):
    """Whose passkey is wanted: username or email; without one, any of this site's that the device has."""

    username: str = Field("", max_length=191)


class PasskeyLoginIn(Body):
    """A passkey that the browser has just used."""

    credential: AssertionIn
    client: Client = "browser"
    device_name: str = Field("", max_length=120)


class PasskeyOut(Out):
    """One passkey of the user."""

    id: str
    name: str
    added_at: Instant
    last_used_at: Instant | None
    is_backed_up: bool = Field(description="It is kept by a service, such as a phone's account, and not on one device.")
    is_locked: bool = Field(description="There may be a copy of it, so it opens nothing: remove it, add a new one.")

    @classmethod
    def of(cls, passkey: Passkey) -> Self:
        return cls(
            id=passkey.id,
            name=passkey.name,
            added_at=passkey.added_at,
            last_used_at=passkey.last_used_at,
            is_backed_up=bool(passkey.is_backed_up),
            is_locked=passkey.locked_at is not None,
        )
