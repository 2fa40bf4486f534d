"""What signing up and logging in read and answer. Nothing here can carry a hash or somebody else's secret."""

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.models.accounts import User, UserSession
from app.net.schemas.accounts.codes import ProofToken
from app.net.schemas.accounts.fields import Client, Name, NewPasswordText, PasswordText, TotpCode
from app.net.schemas.accounts.passkeys import AssertionIn
from app.net.schemas.accounts.privacy import TermsOut
from app.net.schemas.common import Body, Instant, Out
from app.services import accounts as account_service
from app.services.accounts import Credentials, FreshProof, NewAccount, Rights, SignedIn, names
from app.services.accounts.consents import TermsVersion


class RegisterIn(Body):
    """A sign-up: by email and password, or by the token of a verified code, which may be joined by a password.

    Without a username the email is the username, and without an email it is made of the names.
    """

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["email", "password"]}, {"required": ["verification_token"]}]}
    )

    verification_token: ProofToken | None = Field(None, repr=False)
    email: str | None = Field(
        None,
        max_length=191,
        pattern=f"^{names.EMAIL_PATTERN}$",
        examples=["ann@example.com"],
        validate_default=True,
        description="Where a code proved an address, that one or nothing.",
    )
    password: NewPasswordText | None = Field(
        None,
        repr=False,
        validate_default=True,
        description="8 to 128 characters, neither the username nor the email, not a known one.",
    )
    username: str | None = Field(None, pattern=f"^{names.USERNAME_PATTERN}$", examples=["ann"])
    first_name: Name = ""
    last_name: Name = ""
    locale: str = Field("", max_length=35, pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")
    referral_code: str = Field("", max_length=8, description="Of the person who brought me.", examples=["A1B2C3D4"])
    accepted_terms: str = Field("", max_length=40, description="The version of the terms that was agreed to.")
    client: Client = "browser"
    device_name: str = Field("", max_length=120)

    @field_validator("email", "password", mode="after")
    @classmethod
    def _given_without_a_token(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("verification_token") is None:
            raise PydanticCustomError("missing", "is required without a verification_token")
        return value

    @property
    def account(self) -> NewAccount:
        return NewAccount(
            email=self.email or "",
            password=self.password or "",
            username=self.username or "",
            first_name=self.first_name,
            last_name=self.last_name,
            locale=self.locale,
            referral_code=self.referral_code,
            accepted_terms=self.accepted_terms,
        )


class LoginIn(Body):
    """A login by the token of a verified code, or by password: `username` or `email`, which may hold either."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["username", "password"]},
                {"required": ["email", "password"]},
                {"required": ["verification_token"]},
            ]
        }
    )

    verification_token: ProofToken | None = Field(None, repr=False)
    username: str = Field("", max_length=191, pattern=r"\S")
    email: str = Field("", max_length=191, pattern=r"\S")
    password: PasswordText | None = Field(None, repr=False)
    client: Client = "browser"
    device_name: str = Field("", max_length=120)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.verification_token, self.username, self.email)
        if sum(map(bool, ways)) != 1:
            raise ValueError("give either username or email, or a verification_token alone")
        if bool(self.password) == bool(self.verification_token):
            raise ValueError("give a password with a username or email, and none with a verification_token")
        return self

    def credentials(self, familiar: str) -> Credentials:
        """What a login by password is tried with, in a browser that sent this token of a familiar one."""
        return Credentials(self.username or self.email, self.password or "", familiar)


class ProveIn(Body):
    """One proof: the user's own password, a code of the authenticator app, a passkey, or the token of a code that was
    verified for the user's own address or number."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": [name]} for name in ("password", "code", "passkey", "verification_token")]
        }
    )

    password: PasswordText | None = Field(None, repr=False)
    code: TotpCode | None = Field(None, repr=False, description="Six digits of the authenticator app.")
    passkey: AssertionIn | None = None
    verification_token: ProofToken | None = Field(None, repr=False)

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        given = (self.password, self.code, self.passkey, self.verification_token)
        if sum(proof is not None for proof in given) != 1:
            raise ValueError("give one of password, code, passkey and verification_token")
        return self

    @property
    def proof(self) -> FreshProof:
        passkey = self.passkey.model_dump() if self.passkey else None
        return FreshProof(self.password, self.code, passkey, self.verification_token)


class RefreshIn(Body):
    """The refresh token of the last pair."""

    refresh_token: str = Field(max_length=2000, repr=False)


class TenantRightsOut(Out):
    """What somebody may do on a school or store that is another's."""

    kind: str
    id: str
    permissions: list[str]


class ActingOut(Out):
    """Staff act in the user's name."""

    by: str = Field(description="Id of the member of staff.")
    until: Instant


class UserOut(Out):
    """A user, for that user's own eyes."""

    id: str
    username: str
    email: str
    email_confirmed: bool
    phone: str | None
    phone_confirmed: bool
    first_name: str
    last_name: str
    roles: list[str]
    rank: str = Field(json_schema_extra={"enum": list(account_service.RANKS)})
    permissions: list[str] = Field(description="Held on the platform, or on everything that is the user's own.")
    tenants: list[TenantRightsOut] = Field(description="What custom roles permit on schools and stores.")
    acting: ActingOut | None = Field(description="There while staff act in the user's name; null in an own login.")
    is_student: bool
    is_teacher: bool
    is_seller: bool
    is_admin: bool
    is_superuser: bool
    is_staff: bool
    is_active: bool
    status: str
    locale: str
    avatar: str | None
    referral_code: str | None
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, user: User, rights: Rights, session: UserSession) -> Self:
        ranks = {number: name for name, number in account_service.RANKS.items()}
        return cls(
            email=user.email or "",
            email_confirmed=user.email_confirmed_at is not None,
            phone_confirmed=user.phone_confirmed_at is not None,
            roles=sorted(user.roles or ()),
            rank=ranks[account_service.rank_of(user)],
            permissions=sorted(rights.platform),
            tenants=_tenants(rights),
            acting=ActingOut(by=session.acting_by, until=session.expires_at) if session.acting_by else None,
            is_staff=account_service.is_staff(user),
            **{name: getattr(user, name) for name in _PLAIN_USER_COLUMNS},
        )


class MeOut(UserOut):
    """The user, and the texts in force that are still, or again, to be accepted."""

    terms_to_accept: list[TermsOut]

    @classmethod
    def of_me(cls, user: User, rights: Rights, session: UserSession, missing: Sequence[TermsVersion]) -> Self:
        shown = UserOut.of(user, rights, session).model_dump()
        return cls(**shown, terms_to_accept=[TermsOut.of(version) for version in missing])


def _tenants(rights: Rights) -> list[TenantRightsOut]:
    return [
        TenantRightsOut(kind=key.partition(":")[0], id=key.partition(":")[2], permissions=sorted(codes))
        for key, codes in sorted(rights.tenants.items())
    ]


_PLAIN_USER_COLUMNS = (
    "id", "username", "phone", "first_name", "last_name", "is_student", "is_teacher", "is_seller",
    "is_admin", "is_superuser", "is_active", "status", "locale", "avatar", "referral_code", "created_at",
    "updated_at",
)  # fmt: skip


class LoginOut(Out):
    """A login that just began or was renewed. The tokens are shown this once; pages of this site, which have a cookie,
    get none."""

    user: UserOut
    session_id: str
    token_type: Literal["Bearer"] = "Bearer"
    access_token: str | None = Field(repr=False)
    expires_in: int = Field(description="Seconds until the access token expires.")
    refresh_token: str | None = Field(repr=False)
    refresh_expires_in: int = Field(description="Seconds until the refresh token expires.")

    @classmethod
    def of(cls, signed_in: SignedIn, *, has_tokens: bool, access_seconds: int, refresh_seconds: int) -> Self:
        return cls(
            user=UserOut.of(signed_in.user, account_service.rights_of(signed_in.user), signed_in.session),
            session_id=signed_in.session.id,
            access_token=signed_in.access_token if has_tokens else None,
            expires_in=access_seconds,
            refresh_token=signed_in.refresh_token if has_tokens else None,
            refresh_expires_in=refresh_seconds,
        )


class CsrfOut(Out):
    """The token to send back as `X-CSRF-Token` with every write that rides on cookies."""

    csrf_token: str
