"""People as staff find them: searched in the mirror, read by id from Cassandra."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.models.accounts import Role, User
from app.services import audit
from app.services.accounts.phones import clean_phone
from app.services.accounts.profile import get_user
from app.services.accounts.rights import BUILT_IN, PLATFORM, Rights, ensure_may, granted_roles, pointer_of, rights_of
from app.services.accounts.roles import Authority
from app.services.accounts.sessions import list_sessions
from app.services.audit import Deed
from app.services.orders import reading
from app.utils.errors import InvalidValue, SearchUnavailable

SORTS = ("created_at", "last_login_at", "username", "email")
LAST_ORDERS = 5
_WEIGHTS = {"username": 3.0, "email": 3.0, "last_name": 2.0, "first_name": 1.0}
_LOOKS_LIKE_PHONE = re.compile(r"\+?[\d\s()./-]{5,32}")


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people. role: one of BUILT_IN, or the id of a platform role; since, until: days (UTC) of signing up,
    both included; country: where a phone number without `+` in `q` was dialled."""

    q: str = ""
    status: str = ""
    role: str = ""
    since: date | None = None
    until: date | None = None
    sort: str = ""
    descending: bool = False
    country: str = ""


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person as staff see them. last_orders: documents, newest first; None while the mirror is away."""

    user: User
    rights: Rights
    roles: list[Role]
    open_sessions: int
    last_orders: list[dict[str, Any]] | None


def search_people(wanted: PeopleFilter, *, size: int, skip: int, after: list[Any] | None) -> Any:
    """One page of people, the newest first unless asked otherwise.

    Raises InvalidValue (422), SearchUnavailable (503).
    """
    query = User.elastic()
    if phone := _phone_in(wanted):
        query = query.where("phone", phone)
    elif wanted.q:
        query = query.match(wanted.q, _WEIGHTS)
    if wanted.status:
        query = query.where("status", wanted.status)
    if wanted.role in BUILT_IN:
        query = query.where(BUILT_IN[wanted.role], True)
    elif wanted.role:
        query = query.where("roles", pointer_of(PLATFORM, wanted.role))
    since, until = span(wanted.since, wanted.until)
    if since:
        query = query.where("created_at", ">=", since)
    if until:
        query = query.where("created_at", "<", until)
    if wanted.sort or not wanted.q:
        query = query.sort(wanted.sort or "created_at", "desc" if wanted.descending or not wanted.sort else "asc")
    return query.take(size, skip).page(size, after)


def view_person(user_id: str, by: Authority, *, now: datetime) -> PersonView:
    """The person with their roles, the number of open logins and the last orders; the log knows who looked.

    Raises NotFound (404), Forbidden (403).
    """
    ensure_may(by.rights, "users.user.read")
    user = get_user(user_id)
    audit.record(Deed("users.user.read", "user", user.id), by.actor, now=now)
    try:
        orders = reading.page_of_own(user.id, status=None, size=LAST_ORDERS, after=None).documents
    except SearchUnavailable:
        orders = None
    roles = sorted(granted_roles(user), key=lambda role: (role.tenant_kind, role.name)) if user.roles else []
    return PersonView(user, rights_of(user), roles, len(list_sessions(user.id, now=now)), orders)


def span(since: date | None, until: date | None) -> tuple[datetime | None, datetime | None]:
    """The instants between which these days (UTC, both included) lie. Raises InvalidValue (422) for a turned span."""
    if since and until and since > until:
        raise InvalidValue("The span is turned round.", fields={"to": ["lies before from"]})
    begin = datetime.combine(since, time(), UTC) if since else None
    return begin, datetime.combine(until, time(), UTC) + timedelta(days=1) if until else None


def _phone_in(wanted: PeopleFilter) -> str:
    if not _LOOKS_LIKE_PHONE.fullmatch(wanted.q):
        return ""
    try:
        return clean_phone(wanted.q, country=wanted.country)
    except InvalidValue:
        return ""
