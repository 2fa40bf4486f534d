"""Second factors on the wire."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.net.schemas.accounts.fields import TotpCode
from app.net.schemas.accounts.passkeys import AssertionIn, PasskeyOut
from app.net.schemas.accounts.social import LinkedLoginOut
from app.net.schemas.common import Body, Instant, Out
from app.services.accounts.factors import Factors
from app.services.accounts.totp import Enrolment

Ticket = Annotated[
    str, Field(min_length=20, max_length=100, repr=False, description="`details.ticket` of the refusal.")
]


class TotpOut(Out):
    """What an authenticator app is set up with; shown only here."""

    secret: str = Field(description="Base32, for typing it in.", repr=False)
    uri: str = Field(description="otpauth, for opening the app on the same device.", repr=False)
    qr_svg: str = Field(description="The uri as a QR code, an SVG document.", repr=False)

    @classmethod
    def of(cls, enrolment: Enrolment) -> Self:
        return cls(secret=enrolment.secret, uri=enrolment.uri, qr_svg=enrolment.picture)


class TotpConfirmIn(Body):
    """A code of the new authenticator app."""

    code: TotpCode = Field(repr=False, examples=["287082"])


class RecoveryCodesOut(Out):
    """Each is good once, in the place of a code of the app; shown only here."""

    recovery_codes: list[str] = Field(repr=False)


class TicketIn(Body):
    ticket: Ticket


class SecondFactorIn(Body):
    """The second step of a login: `code` for totp and recovery, `passkey` for a passkey."""

    ticket: Ticket
    method: Literal["totp", "recovery", "passkey"]
    code: str | None = Field(None, min_length=1, max_length=40, repr=False)
    passkey: AssertionIn | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.method == "passkey") != (self.passkey is not None) or (self.method == "passkey") == bool(self.code):
            raise ValueError("give passkey for the method passkey, and code for the others")
        return self


class FactorsOut(Out):
    """What the user has set up to prove who they are."""

    has_password: bool
    totp_since: Instant | None = Field(description="Since when an authenticator app is asked for; null: none is.")
    recovery_codes_left: int
    passkeys: list[PasskeyOut]
    linked_logins: list[LinkedLoginOut]
    second_factor_required: bool = Field(description="Whether this account must have one.")
    must_enrol: bool = Field(description="Nothing else can be done before one is set up.")

    @classmethod
    def of(cls, factors: Factors) -> Self:
        return cls(
            has_password=factors.has_password,
            totp_since=factors.totp_since,
            recovery_codes_left=factors.recovery_codes_left,
            passkeys=[PasskeyOut.of(passkey) for passkey in factors.passkeys],
            linked_logins=[LinkedLoginOut.of(link) for link in factors.links],
            second_factor_required=factors.is_required,
            must_enrol=factors.must_enrol,
        )
