"""People as staff see and change them. No hash, token or tax document can leave by these."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from app.models import User
from app.net.schemas.accounts.fields import Client
from app.net.schemas.common import Body, Id, Instant, Out, PathIds, SortBy, TablePageQuery
from app.net.schemas.orders import OrderSummaryOut
from app.net.schemas.roles import HeldRoleOut
from app.services.accounts.acting import REASON_MIN, Acting
from app.services.accounts.administration import RoleChanges
from app.services.accounts.people import SORTS, PeopleFilter, PersonView

Status = Literal["active", "banned", "inactive"]
Reason = Annotated[str, Field(max_length=500)]
_FLAGS = ("is_student", "is_teacher", "is_seller", "is_admin", "is_superuser", "is_staff")


class UserPath(PathIds):
    user_id: Id


class UsersQuery(TablePageQuery):
    """Which people, in which order."""

    q: str = Field("", max_length=200, description="Words of name, username or e-mail address, or a phone number.")
    status: Status | None = None
    role: Id | None = Field(None, description="student, teacher, seller, admin, superuser, or a platform role's id.")
    since: date | None = Field(None, alias="from", description="First day (UTC) of signing up.")
    until: date | None = Field(None, alias="to", description="Last day (UTC) of signing up.")
    sort: Annotated[str, SortBy(*SORTS)] | None = Field(None, description="Best match, else newest first, if absent.")

    def filter(self, country: str) -> PeopleFilter:
        sort = self.sort or ""
        return PeopleFilter(
            q=self.q,
            status=self.status or "",
            role=self.role or "",
            since=self.since,
            until=self.until,
            sort=sort.removeprefix("-"),
            descending=sort.startswith("-"),
            country=country,
        )


class UserSummaryOut(Out):
    """One person of the list."""

    id: str
    username: str
    email: str
    phone: str | None
    first_name: str
    last_name: str
    is_student: bool
    is_teacher: bool
    is_seller: bool
    is_admin: bool
    is_superuser: bool
    is_staff: bool
    status: str
    last_login_at: Instant | None
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, user: User) -> Self:
        return cls.of_document({name: getattr(user, name) for name in cls.model_fields})

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Self:
        values: dict[str, Any] = {name: document.get(name) for name in cls.model_fields}
        values |= {name: values[name] or "" for name in ("username", "email", "first_name", "last_name", "status")}
        return cls(**values | {name: bool(values[name]) for name in _FLAGS})


class PersonOut(Out):
    """One person, whole."""

    id: str
    username: str
    email: str
    email_confirmed: bool
    phone: str | None
    first_name: str
    last_name: str
    address_1: str
    address_2: str
    city: str
    area: str
    postcode: str
    country: str
    locale: str
    is_student: bool
    is_teacher: bool
    is_seller: bool
    is_admin: bool
    is_superuser: bool
    is_staff: bool
    status: str
    permissions: list[str]
    roles: list[HeldRoleOut]
    open_sessions: int
    last_orders: list[OrderSummaryOut] | None = Field(description="Newest first; null while search is away.")
    last_login_at: Instant | None
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, view: PersonView) -> Self:
        user, orders = view.user, view.last_orders
        texts = ("username", "email", "first_name", "last_name", "address_1", "address_2", "city", "area", "postcode",
                 "country", "locale", "status")  # fmt: skip
        values: dict[str, Any] = {name: getattr(user, name) or "" for name in texts}
        values |= {name: bool(getattr(user, name)) for name in _FLAGS}
        values |= {name: getattr(user, name) for name in ("id", "phone", "last_login_at", "created_at", "updated_at")}
        return cls(
            **values,
            email_confirmed=user.email_confirmed_at is not None,
            permissions=sorted(view.rights.platform),
            roles=[HeldRoleOut.of(role) for role in view.roles],
            open_sessions=view.open_sessions,
            last_orders=None if orders is None else [OrderSummaryOut.of_document(order) for order in orders],
        )


class StatusIn(Body):
    """What the account is to be, and why."""

    status: Status
    reason: Reason


class FlagsIn(Body):
    """Built-in roles; what is not given stays."""

    is_student: bool | None = None
    is_teacher: bool | None = None
    is_seller: bool | None = None
    is_admin: bool | None = None
    is_superuser: bool | None = None


class RoleChangesIn(Body):
    """Platform roles to give and to take, and flags."""

    add: list[Id] = Field([], max_length=40)
    remove: list[Id] = Field([], max_length=40)
    flags: FlagsIn = Field(default_factory=lambda: FlagsIn())

    def changes(self) -> RoleChanges:
        flags = {name: value for name, value in self.flags.given().items() if value is not None}
        return RoleChanges(tuple(self.add), tuple(self.remove), flags)


class EndedOut(Out):
    """How many logins have ended."""

    ended: int


class FactorResetIn(Body):
    """How the person who has lost the second factor showed who they are."""

    reason: str = Field(min_length=REASON_MIN, max_length=500)


class FactorResetOut(Out):
    """What the account has lost."""

    authenticator_app: bool
    passkeys: int


class ActAsIn(Body):
    """Why somebody acts in the user's name."""

    reason: str = Field(min_length=REASON_MIN, max_length=500)
    client: Client = "mobile"


class ActingLoginOut(Out):
    """A login in another's name. The token is shown this once, and cannot be renewed."""

    user_id: str
    session_id: str
    token_type: Literal["Bearer"] = "Bearer"
    access_token: str = Field(repr=False)
    expires_at: Instant

    @classmethod
    def of(cls, begun: Acting) -> Self:
        return cls(
            user_id=begun.user.id,
            session_id=begun.session.id,
            access_token=begun.access_token,
            expires_at=begun.session.expires_at,
        )
