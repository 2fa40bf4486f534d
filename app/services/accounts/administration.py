"""What staff do to people's accounts: block them, give and take roles and flags, end their logins.

Nobody touches somebody who may do more than themselves, and nobody passes on more than they hold. Each change is in
the audit log.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.models.accounts import ACTIVE, BANNED, INACTIVE, User
from app.services import audit
from app.services.accounts import grants, sessions, superusers
from app.services.accounts.profile import get_user
from app.services.accounts.registration import ensure_profiles
from app.services.accounts.rights import (
    BUILT_IN,
    PLATFORM,
    PLATFORM_CODES,
    Forbidden,
    ensure_may,
    permissions_of_holders,
    pointer_of,
    rights_of,
)
from app.services.accounts.roles import Authority, ensure_within, get_role, held_by
from app.services.audit import Deed
from app.utils.errors import DomainError, InvalidValue, NotFound

STATUSES = (ACTIVE, BANNED, INACTIVE)
FLAGS = tuple(BUILT_IN.values())
_STAFF_FLAGS = ("is_teacher", "is_admin", "is_superuser")
_VERBS = {ACTIVE: "activate", BANNED: "ban", INACTIVE: "deactivate"}

Check = Callable[[User], None]


class OwnAccount(DomainError):
    """Nobody does this to their own account (409)."""

    code, status = "own_account", 409


@dataclass(frozen=True, slots=True)
class RoleChanges:
    """Which platform roles somebody gets and loses (ids), and which flags become what (columns such as is_seller)."""

    add: Sequence[str] = ()
    remove: Sequence[str] = ()
    flags: Mapping[str, bool] = field(default_factory=dict)


def change_status(
    user_id: str, status: str, by: Authority, *, reason: str, check: Check = lambda user: None, now: datetime
) -> User:
    """The account is active, banned or inactive; unless it is active, all its logins have ended.

    check: refuses the user as found, such as for an outdated If-Match.
    Raises NotFound (404), Forbidden (403: somebody who may do more), OwnAccount, LastSuperuser, ConcurrentChange (409).
    """
    ensure_may(by.rights, "users.user.manage")
    if status not in STATUSES:
        raise ValueError(f"no such status: {status}")
    user = get_user(user_id)
    if user.id == by.rights.id:
        raise OwnAccount("This cannot be done to your own account.")
    ensure_within_reach(user, by)
    check(user)
    before = user.status
    if status != before:
        counted = superusers.changed(user.id, stays=status == ACTIVE, now=now) if user.is_superuser else nullcontext()
        with counted:
            user = user.update(status=status)
        _record(_VERBS[status], user, by, now, before={"status": before}, after={"status": status}, reason=reason)
    if status != ACTIVE:
        sessions.end_all_sessions(user.id, now=now)
    return user


def change_roles(
    user_id: str, changes: RoleChanges, by: Authority, *, check: Check = lambda user: None, now: datetime
) -> User:
    """The user has these roles and flags; if that changed anything, all their logins have ended.

    Raises NotFound (404: the user, a role to add, a role to remove that they do not have), Forbidden (403),
    LastSuperuser, RoleBuiltIn, TooManyRoles, ConcurrentChange (409), InvalidValue (422: one role in both lists).
    """
    ensure_may(by.rights, "users.role.write")
    if both := set(changes.add) & set(changes.remove):
        raise InvalidValue("A role is added or removed.", fields={"remove": [f"{sorted(both)[0]} is added too"]})
    user = get_user(user_id)
    ensure_within_reach(user, by)
    check(user)
    _ensure_changeable(user, changes, by)
    _change_flags(user, changes.flags, by, now)
    for role_id in dict.fromkeys(changes.add):
        grants.grant(PLATFORM, role_id, user_id, by, now=now)
    for role_id in dict.fromkeys(changes.remove):
        grants.revoke(PLATFORM, role_id, user_id, by, now=now)
    return get_user(user_id)


def end_sessions(user_id: str, by: Authority, *, check: Check = lambda user: None, now: datetime) -> int:
    """All logins of the user have ended; returns how many. Raises NotFound (404), Forbidden (403)."""
    ensure_may(by.rights, "users.user.manage")
    user = get_user(user_id)
    ensure_within_reach(user, by)
    check(user)
    ended = sessions.end_all_sessions(user.id, now=now)
    _record("end_sessions", user, by, now, after={"ended": ended})
    return ended


def ensure_within_reach(user: User, by: Authority) -> None:
    """Raises Forbidden (403) when the user has a right over others that whoever acts has not."""
    ensure_within(by, rights_of(user).platform & PLATFORM_CODES, PLATFORM)


def _ensure_changeable(user: User, changes: RoleChanges, by: Authority) -> None:
    """Raises what `change_roles` raises about roles, before anything is changed."""
    for role_id in (*changes.add, *changes.remove):
        ensure_within(by, held_by(get_role(PLATFORM, role_id)), PLATFORM)
    if any(pointer_of(PLATFORM, role_id) not in (user.roles or ()) for role_id in changes.remove):
        raise NotFound("This person has no such role.")


def _change_flags(user: User, flags: Mapping[str, bool], by: Authority, now: datetime) -> None:
    wanted = {name: value for name, value in flags.items() if bool(getattr(user, name)) != value}
    if not wanted:
        return
    if "is_superuser" in wanted and "system.settings.write" not in by.rights.platform:
        raise Forbidden("Only a superuser makes or unmakes one.", details={"flag": "is_superuser"})
    touched = permissions_of_holders(frozenset(name for name, flag in BUILT_IN.items() if flag in wanted))
    ensure_within(by, touched, PLATFORM)
    before = {name: bool(getattr(user, name)) for name in wanted}
    counted: Any = nullcontext()
    if "is_superuser" in wanted:
        counted = superusers.changed(user.id, stays=wanted["is_superuser"] and user.is_active, now=now)
    with counted:
        user = user.update(**wanted, **_implied(user, wanted))
    ensure_profiles(user)
    _record("flags", user, by, now, before=before, after=wanted)
    sessions.end_all_sessions(user.id, now=now)


def _implied(user: User, wanted: Mapping[str, bool]) -> dict[str, bool]:
    """Teachers and admins are staff; who was staff by that alone is not any more."""
    if not set(wanted) & set(_STAFF_FLAGS):
        return {}
    return {"is_staff": any(wanted.get(name, bool(getattr(user, name))) for name in _STAFF_FLAGS)}


def _record(verb: str, user: User, by: Authority, now: datetime, **said: Any) -> None:
    audit.record(Deed(f"users.user.{verb}", "user", user.id, **said), by.actor, now=now)
