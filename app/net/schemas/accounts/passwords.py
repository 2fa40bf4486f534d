"""What the doors of passwords and of mailed links read."""

from typing import Annotated

from pydantic import Field

from app.net.schemas.accounts.fields import NewPassword, PasswordText
from app.net.schemas.common import Body

LinkToken = Annotated[str, Field(min_length=1, max_length=200, repr=False, description="The token of the mailed link.")]


class LinkIn(Body):
    """The token of a mailed link."""

    token: LinkToken


class PasswordChangeIn(Body):
    """The password so far, and the one from now on."""

    old: PasswordText | None = Field(None, repr=False, description="Left out by who has no password yet.")
    new: NewPassword = Field(description="8 to 128 characters, neither the username nor the email, not a known one.")


class ResetRequestIn(Body):
    """Whose password was forgotten."""

    email: str = Field(max_length=191, pattern=r"\S", description="The email; the username does as well.")


class ResetIn(Body):
    """The token of the mailed link, and the password from now on."""

    token: LinkToken
    new: NewPassword


class ActivationIn(Body):
    """The token of the mailed link, and the password of the account from now on."""

    token: LinkToken
    password: NewPassword
