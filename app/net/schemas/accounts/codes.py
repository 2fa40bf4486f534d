"""What one-time codes read and answer."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field

from app.net.schemas.common import Body, Out

Identifier = Annotated[
    str,
    Field(
        min_length=3,
        max_length=191,
        description="An email address, or a phone number: E.164, or as dialled in the country of the settings.",
        examples=["ann@example.com", "+14155552671"],
    ),
]
ProofToken = Annotated[str, Field(min_length=1, max_length=200, description="The `verification_token` of verify-otp.")]


class OtpRequestIn(Body):
    """Where to send a code, and what for."""

    identifier: Identifier
    purpose: Literal["login", "register"]


class OtpIn(Body):
    """The code as it was received."""

    identifier: Identifier
    code: str = Field(pattern=r"^[0-9]{6}$", repr=False, examples=["012345"])


class SentOut(Out):
    """What was asked for is on its way, if it could be sent at all: the answer is the same whether it could."""

    expires_in: int = Field(description="Seconds for which the code or link is good.")

    @classmethod
    def good_for(cls, span: timedelta) -> Self:
        return cls(expires_in=round(span.total_seconds()))


class ProofOut(Out):
    """The proof that an address or number is one's own, for one login or sign-up."""

    verification_token: str = Field(repr=False)
    expires_in: int = Field(description="Seconds for which the token is good.")

    @classmethod
    def of(cls, token: str, span: timedelta) -> Self:
        return cls(verification_token=token, expires_in=round(span.total_seconds()))
