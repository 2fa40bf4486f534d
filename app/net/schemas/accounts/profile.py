"""A user's own profile on the wire."""

from typing import Any, Self

from pydantic import Field

from app.models.accounts import StaffProfile, StudentProfile
from app.net.schemas.accounts.fields import Country, Line, Name
from app.net.schemas.common import Body, Instant, Out
from app.services.accounts import ProfileView


class ProfileChangesIn(Body):
    """Some fields of the profile; those not given stay."""

    first_name: Name = ""
    last_name: Name = ""
    phone: str | None = Field(
        None,
        max_length=32,
        description="E.164, or as dialled in the country; a new one is sent a code and waits for it, null removes it.",
    )
    locale: str = Field("", max_length=35, pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")
    time_zone: str = Field("", max_length=64, description="A name of the IANA time zones.", examples=["Europe/Berlin"])
    address_1: Line = ""
    address_2: Line = ""
    city: Line = ""
    area: Line = ""
    postcode: str = Field("", max_length=15)
    country: Country = ""
    mail_weekly: bool = True
    mail_promo: bool = True
    review_anonymous: bool = True


class ProfileIn(ProfileChangesIn):
    """The whole profile; what is not given goes back to empty, but for the wish for advertising, which then stays."""

    first_name: Name = Field(...)
    last_name: Name = Field(...)

    def whole(self) -> dict[str, Any]:
        """Every field; nobody agrees to advertising by leaving its field out."""
        return self.model_dump(exclude=set() if "mail_promo" in self.model_fields_set else {"mail_promo"})


class ProfileOut(Out):
    """The user's profile. pending_email, pending_phone: what waits to be confirmed by the new end."""

    id: str
    username: str
    email: str
    pending_email: str
    phone: str | None
    pending_phone: str
    first_name: str
    last_name: str
    locale: str
    time_zone: str
    address_1: str
    address_2: str
    city: str
    area: str
    postcode: str
    country: str
    mail_weekly: bool
    mail_promo: bool
    review_anonymous: bool
    is_complete: bool
    completed_at: Instant | None = Field(description="When it was complete for the first time.")
    updated_at: Instant

    @classmethod
    def of(cls, view: ProfileView) -> Self:
        own = {"is_complete", "completed_at", "pending_email", "pending_phone"}
        values = {name: getattr(view.user, name) for name in cls.model_fields if name not in own}
        texts = {name: "" for name, value in values.items() if value is None and name != "phone"}
        return cls(
            **values | texts,
            pending_email=view.pending.email,
            pending_phone=view.pending.phone,
            is_complete=view.is_complete,
            completed_at=view.completed_at,
        )


class StudentProfileIn(Body):
    """What a student says of themselves."""

    bio: str = Field("", max_length=760)


class StudentProfileOut(Out):
    """What only a student has."""

    level: str
    bio: str

    @classmethod
    def of(cls, row: StudentProfile) -> Self:
        return cls(level=row.level or "", bio=row.bio or "")


class StaffProfileIn(Body):
    """What a member of staff says of themselves; the tax document is never shown again."""

    bio: str = Field("", max_length=1530)
    listing: bool = Field(False, description="Whether the person is shown among the staff.")
    tax_doc: str = Field("", max_length=200, repr=False, json_schema_extra={"writeOnly": True})


class StaffProfileOut(Out):
    """What only staff have."""

    bio: str
    listing: bool
    has_tax_doc: bool

    @classmethod
    def of(cls, row: StaffProfile) -> Self:
        return cls(bio=row.bio or "", listing=bool(row.listing), has_tax_doc=bool(row.tax_doc))
