"""A user's own profile on the wire."""

from typing import Self

from pydantic import Field

from app.models.accounts import User
from app.net.schemas.accounts.fields import Country, Line, Name
from app.net.schemas.common import Body, Instant, Out
from app.services import accounts as account_service


class ProfileChangesIn(Body):
    """Some fields of the profile; those not given stay."""

    first_name: Name = ""
    last_name: Name = ""
    phone: str | None = Field(None, max_length=32, description="E.164, or as dialled in the country; null removes it.")
    locale: str = Field("", max_length=35, pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")
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
    """The whole profile; what is not given goes back to empty."""

    first_name: Name = Field(...)
    last_name: Name = Field(...)


class ProfileOut(Out):
    """The user's profile."""

    id: str
    username: str
    email: str
    phone: str | None
    first_name: str
    last_name: str
    locale: str
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
    updated_at: Instant

    @classmethod
    def of(cls, user: User) -> Self:
        values = {name: getattr(user, name) for name in cls.model_fields if name != "is_complete"}
        texts = {name: "" for name, value in values.items() if value is None and name != "phone"}
        return cls(**values | texts, is_complete=account_service.is_complete(user))
