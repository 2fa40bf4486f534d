"""Picture, addresses, and changes of email and phone on the wire."""

from typing import Any, Self

from pydantic import Field

from app.models.accounts import Address, AddressBook, User
from app.net.schemas.accounts.fields import Line, Name
from app.net.schemas.common import Body, Form, Id, Out, PathIds, Upload
from app.services.accounts import names, pictures
from app.services.accounts.addresses import Defaults


class PictureForm(Form):
    """A picture: JPEG, PNG, WebP or GIF, 5 MiB at most."""

    file: Upload


class PictureOut(Out):
    """Where the person's picture is read, by size; null without one."""

    thumb: str | None
    card: str | None
    full: str | None

    @classmethod
    def of(cls, user: User) -> Self:
        sizes = pictures.sizes_of(user)
        return cls(**{size: sizes.get(size) for size in cls.model_fields})


class AddressPath(PathIds):
    address_id: Id


class AddressChangesIn(Body):
    """Some fields of an address; those not given stay."""

    name: Name = Field("", description="Who lives there.")
    address_1: Line = ""
    address_2: Line = ""
    city: Line = ""
    area: Line = ""
    postcode: str = Field("", max_length=15)
    country: str = Field("", pattern=r"^[A-Z]{2}$", description="ISO 3166-1, two capitals.", examples=["US"])
    phone: str = Field("", max_length=32)
    label: str = Field("", max_length=60, description="Such as home or work.")
    default_billing: bool = False
    default_delivery: bool = False

    def values(self) -> dict[str, str]:
        """The columns of the address that were given."""
        return {name: value for name, value in self.given().items() if not name.startswith("default_")}

    def defaults(self) -> Defaults:
        """What it is to be the default for; None where nothing was said."""
        given = self.given()
        return Defaults(given.get("default_billing"), given.get("default_delivery"))


class AddressIn(AddressChangesIn):
    """An address; what its country needs is in common/countries.json."""

    name: Name = Field(..., description="Who lives there.")
    address_1: Line = Field(...)
    city: Line = Field(...)
    country: str = Field(..., pattern=r"^[A-Z]{2}$", description="ISO 3166-1, two capitals.", examples=["US"])

    def values(self) -> dict[str, str]:
        """Every column of the address."""
        return {name: value for name, value in self.model_dump().items() if not name.startswith("default_")}


class AddressOut(Out):
    """One address of the person."""

    id: str
    name: str
    address_1: str
    address_2: str
    city: str
    area: str
    postcode: str
    country: str
    phone: str
    label: str
    default_billing: bool
    default_delivery: bool

    @classmethod
    def of(cls, book: AddressBook, address: Address) -> Self:
        values: dict[str, Any] = {
            name: getattr(address, name) for name in cls.model_fields if not name.startswith("default_")
        }
        return cls(
            **values,
            default_billing=book.default_billing == address.id,
            default_delivery=book.default_delivery == address.id,
        )


class EmailChangeIn(Body):
    """The address that is to be the user's."""

    email: str = Field(max_length=191, pattern=f"^{names.EMAIL_PATTERN}$", examples=["ann@example.com"])


class PhoneChangeIn(Body):
    """The number that is to be the user's."""

    phone: str = Field(max_length=32, description="E.164, or as dialled in the user's country.")


class PendingOut(Out):
    """What waits for the new end's word. The answer is the same whoever has that address or number."""

    pending: str


class TokenIn(Body):
    """The secret of a link in a mail."""

    token: str = Field(max_length=200, repr=False)


class CodeIn(Body):
    """The six digits of a text message."""

    code: str = Field(pattern=r"^[0-9]{6}$", repr=False)
