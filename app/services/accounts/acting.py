"""Acting in a user's name, to see what they see and to help them.

It is a login of its own: short, shown to the user as "support", bound to the login of the member of staff it was begun
from, and marked in every entry of the audit log. Nothing that only the person may do works in it: what needs a proof,
what costs money, what concerns the account's own safety, and what somebody answers for with their name.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.env import Settings
from app.models.accounts import User, UserSession
from app.services import audit
from app.services.accounts import tokens
from app.services.accounts.administration import OwnAccount, ensure_within_reach
from app.services.accounts.profile import get_user
from app.services.accounts.rights import PLATFORM_CODES, Forbidden, Identity, ensure_may, rights_of
from app.services.accounts.roles import Authority
from app.services.accounts.sessions import ACT_AS, ACTING, BROWSER, end_session, ensure_in_person
from app.services.audit import Actor, Deed
from app.utils.errors import DomainError, InvalidValue, NotFound
from app.utils.ids import new_id

LASTS = timedelta(minutes=30)
REASON_MIN = 5
SHOWN_AS = "support"


class UserNotActive(DomainError):
    """The other account is banned or inactive (409)."""

    code, status = "user_not_active", 409


@dataclass(frozen=True, slots=True)
class ActingStart:
    """Why somebody acts, from where, and whether a browser's cookie is wanted."""

    reason: str
    address: str = ""
    client: str = "mobile"


@dataclass(frozen=True, slots=True)
class Acting:
    """A login in another's name that just began; the secrets exist only here."""

    user: User
    session: UserSession
    access_token: str = field(repr=False)
    cookie: str | None = field(repr=False, default=None)


def begin(
    user_id: str, identity: Identity, start: ActingStart, actor: Actor, *, now: datetime, settings: Settings
) -> Acting:
    """A login in the user's name is open for half an hour, while the own login stays open.

    Raises NotFound (404), Forbidden (403: also for anybody with a right on the platform), ActingRefused (403),
    OwnAccount, UserNotActive (409), InvalidValue (422: too short a reason).
    """
    ensure_in_person(identity)
    ensure_may(identity, ACT_AS)
    if len(start.reason.strip()) < REASON_MIN:
        raise InvalidValue("Say why.", fields={"reason": [f"has {REASON_MIN} characters or more"]})
    user = get_user(user_id)
    _ensure_fit(user, Authority(identity.rights, actor))
    session_id = new_id()
    cookie = tokens.new_cookie(user.id, session_id) if start.client == BROWSER else None
    audit.record(
        Deed("users.acting.begin", "user", user.id, after={"session": session_id, "until": now + LASTS},
             reason=start.reason.strip()),
        actor,
        now=now,
    )  # fmt: skip
    session, _ = UserSession.create_if_absent(
        user_id=user.id,
        id=session_id,
        kind=ACTING,
        cookie_hash=tokens.secret_hash(cookie) if cookie else None,
        device_name="",
        address=start.address[:64],
        started_at=now,
        last_seen_at=now,
        expires_at=now + LASTS,
        acting_by=identity.id,
        acting_session_id=identity.session_id,
    )
    access = tokens.new_access_token(user.id, session_id, now=now, settings=settings)
    return Acting(user, session, access, cookie)


def end(identity: Identity, *, now: datetime) -> None:
    """The login in another's name is over. Raises NotFound (404) for a login that is one's own."""
    if not identity.acting_by:
        raise NotFound("You are not acting in anybody's name.")
    end_session(identity.id, identity.session_id, now=now)


def record_write(identity: Identity, *, method: str, path: str, actor: Actor, now: datetime) -> None:
    """The log knows, before it happens, of a write that is made in another's name."""
    deed = Deed("users.acting.write", "user", identity.id, after={"method": method, "path": path[:500]})
    audit.record(deed, actor, now=now)


def _ensure_fit(user: User, by: Authority) -> None:
    if user.id == by.rights.id:
        raise OwnAccount("This cannot be done to your own account.")
    if user.is_admin or user.is_superuser or rights_of(user).platform & PLATFORM_CODES:
        raise Forbidden("Nobody acts in the name of staff.")
    ensure_within_reach(user, by)
    if not user.is_active:
        raise UserNotActive("This account is not active.")
