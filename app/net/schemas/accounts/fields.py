"""What the bodies of accounts have in common."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

# a password is taken as typed: spaces at its ends count
PasswordText = Annotated[
    str,
    StringConstraints(strip_whitespace=False, min_length=1, max_length=1024),
    Field(json_schema_extra={"format": "password", "writeOnly": True}),
]
NewPasswordText = Annotated[PasswordText, StringConstraints(strip_whitespace=False, min_length=8, max_length=128)]
Password = Annotated[PasswordText, Field(repr=False)]
NewPassword = Annotated[NewPasswordText, Field(repr=False)]
Name = Annotated[str, Field(max_length=150)]
Line = Annotated[str, Field(max_length=200)]
Country = Annotated[str, Field(pattern=r"^([A-Z]{2})?$", description="ISO 3166-1, two capitals.", examples=["US"])]
TotpCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Client = Annotated[
    Literal["browser", "mobile"],
    Field(description="A browser also gets the session cookie; a mobile client only the tokens."),
]
