"""What signing up and logging in read and answer. Nothing here can carry a hash or somebody else's secret."""

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import ConfigDict, Field, model_validator

from app.models.accounts import User
from app.net.schemas.accounts.fields import Client, Name, NewPassword, Password
from app.net.schemas.accounts.privacy import TermsOut
from app.net.schemas.common import Body, Instant, Out
from app.services import accounts as account_service
from app.services.accounts import SignedIn, names
from app.services.accounts.consents import TermsVersion


class RegisterIn(Body):
    """A sign-up. Without a username the email is the username."""

    email: str = Field(max_length=191, pattern=f"^{names.EMAIL_PATTERN}$", examples=["ann@example.com"])
    password: NewPassword = Field(description="8 to 128 characters, neither the username nor the email.")
    username: str | None = Field(None, pattern=f"^{names.USERNAME_PATTERN}$", examples=["ann"])
    first_name: Name = ""
    last_name: Name = ""
    locale: str = Field("", max_length=35, pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")
    accepted_terms: str = Field("", max_length=40, description="The version of the terms that was agreed to.")
    client: Client = "browser"
    device_name: str = Field("", max_length=120)


class LoginIn(Body):
    """A login by password: `username` or `email`, either of which may hold either."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["username"]}, {"required": ["email"]}]})

    username: str = Field("", max_length=191, pattern=r"\S")
    email: str = Field("", max_length=191, pattern=r"\S")
    password: Password
    client: Client = "browser"
    device_name: str = Field("", max_length=120)

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if bool(self.username) == bool(self.email):
            raise ValueError("give either username or email")
        return self

    @property
    def identifier(self) -> str:
        return self.username or self.email


class ProveIn(Body):
    """The user's own password."""

    password: Password


class RefreshIn(Body):
    """The refresh token of the last pair."""

    refresh_token: str = Field(max_length=2000, repr=False)


class UserOut(Out):
    """A user, for that user's own eyes."""

    id: str
    username: str
    email: str
    email_confirmed: bool
    phone: str | None
    first_name: str
    last_name: str
    roles: list[str]
    rank: str = Field(json_schema_extra={"enum": list(account_service.RANKS)})
    permissions: list[str]
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
    def of(cls, user: User) -> Self:
        ranks = {number: name for name, number in account_service.RANKS.items()}
        return cls(
            email_confirmed=user.email_confirmed_at is not None,
            roles=sorted(user.roles or ()),
            rank=ranks[account_service.rank_of(user)],
            permissions=sorted(account_service.permissions_of(user)),
            is_staff=account_service.is_staff(user),
            **{name: getattr(user, name) for name in _PLAIN_USER_COLUMNS},
        )


class MeOut(UserOut):
    """The user, and the texts in force that are still, or again, to be accepted."""

    terms_to_accept: list[TermsOut]

    @classmethod
    def of_me(cls, user: User, missing: Sequence[TermsVersion]) -> Self:
        shown = UserOut.of(user).model_dump()
        return cls(**shown, terms_to_accept=[TermsOut.of(version) for version in missing])


_PLAIN_USER_COLUMNS = (
    "id", "username", "email", "phone", "first_name", "last_name", "is_student", "is_teacher", "is_seller",
    "is_admin", "is_superuser", "is_active", "status", "locale", "avatar", "referral_code", "created_at",
    "updated_at",
)  # fmt: skip


class LoginOut(Out):
    """A login that just began or was renewed. The tokens are shown this once."""

    user: UserOut
    session_id: str
    token_type: Literal["Bearer"] = "Bearer"
    access_token: str = Field(repr=False)
    expires_in: int = Field(description="Seconds until the access token expires.")
    refresh_token: str = Field(repr=False)
    refresh_expires_in: int = Field(description="Seconds until the refresh token expires.")

    @classmethod
    def of(cls, signed_in: SignedIn, *, access_seconds: int, refresh_seconds: int) -> Self:
        return cls(
            user=UserOut.of(signed_in.user),
            session_id=signed_in.session.id,
            access_token=signed_in.access_token,
            expires_in=access_seconds,
            refresh_token=signed_in.refresh_token,
            refresh_expires_in=refresh_seconds,
        )


class CsrfOut(Out):
    """The token to send back as `X-CSRF-Token` with every write that rides on cookies."""

    csrf_token: str
