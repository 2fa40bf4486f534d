"""Sessions: every open login is a row, so it can be listed, and ended at once on every process."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.env import Settings
from app.models.accounts import User, UserSession
from app.plugins.cassandra_cqlengine import find_each
from app.services import audit
from app.services.accounts import notices, tokens
from app.services.accounts.rights import (
    Forbidden,
    Identity,
    Unauthenticated,
    ensure_active,
    identify,
    rights_of,
)
from app.services.audit import Actor, Deed
from app.utils.errors import ConcurrentChange, DomainError, NotFound
from app.utils.ids import new_id
from app.utils.security_log import note, note_alarm

BROWSER, MOBILE, ACTING = "browser", "mobile", "acting"
ACT_AS = "users.user.act_as"
SEEN_EVERY = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(days=7)
MOST_OPEN = 50


class SessionEnded(DomainError):
    """The login was ended or has expired (401)."""

    code, status = "session_ended", 401


class ProofRequired(DomainError):
    """What was asked for is delicate, and the last proof of who asks is too old (403)."""

    code, status = "proof_required", 403


class ActingRefused(Forbidden):
    """Only the person themselves may do this, not staff in their name (403)."""

    code = "acting_refused"


@dataclass(frozen=True, slots=True)
class SessionStart:
    """Where a login comes from. kind: browser (gets a cookie) or mobile; address: the client's IP; familiar_to: the id
    of the user who has logged in with this browser before, or empty."""

    kind: str = BROWSER
    device_name: str = ""
    address: str = ""
    familiar_to: str = ""

    @property
    def shown_name(self) -> str:
        """The device's name as the list of logins has it."""
        return self.device_name[:120]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A login that just began or was renewed; the three secrets exist only here."""

    user: User
    session: UserSession
    access_token: str
    refresh_token: str
    cookie: str | None

    def __repr__(self) -> str:
        return f"SignedIn(user={self.user.id}, session={self.session.id})"


def start_session(
    user: User, start: SessionStart, *, now: datetime, settings: Settings, has_second_factor: bool = False
) -> SignedIn:
    """A session is open for the user; only the newest `MOST_OPEN` of them stay open."""
    session_id = new_id()
    cookie = tokens.new_cookie(user.id, session_id) if start.kind == BROWSER else None
    refresh = tokens.new_refresh_token(user.id, session_id, now=now, settings=settings)
    _tidy_sessions(user.id, now)
    lives_seconds = max(settings.refresh_token_ttl_seconds, settings.session_ttl_seconds if cookie else 0)
    session, _ = UserSession.create_if_absent(
        user_id=user.id,
        id=session_id,
        kind=start.kind,
        cookie_hash=tokens.secret_hash(cookie) if cookie else None,
        refresh_hash=tokens.secret_hash(refresh),
        device_name=start.shown_name,
        address=start.address[:64],
        started_at=now,
        last_seen_at=now,
        proved_at=now,
        second_factor_at=now if has_second_factor else None,
        expires_at=now + timedelta(seconds=min(lives_seconds, settings.session_longest_seconds)),
    )
    access = tokens.new_access_token(user.id, session_id, now=now, settings=settings)
    note("session.started", user=user.id, session=session_id, kind=start.kind, second_factor=has_second_factor)
    return SignedIn(user, session, access, refresh, cookie)


def rotate_refresh(token: str, *, now: datetime, settings: Settings) -> SignedIn:
    """A new pair of tokens; the given one is dead.

    A dead one given again means that somebody copied it, so every session of the user ends (RFC 9700, 4.14.2).
    Raises Unauthenticated, SessionEnded (401), UserInactive (403).
    """
    claim = tokens.read_refresh_token(token, now=now, settings=settings)
    renewed = tokens.new_refresh_token(claim.user_id, claim.session_id, now=now, settings=settings)
    expires_at = now + timedelta(seconds=settings.refresh_token_ttl_seconds)
    longest = timedelta(seconds=settings.session_longest_seconds)

    def decide(session: UserSession) -> dict[str, Any]:
        _ensure_open(session, now)
        if not tokens.is_same_secret(claim.secret_hash, session.refresh_hash):
            raise _Reused("This token was used before. Please log in again.")
        return {
            "refresh_hash": tokens.secret_hash(renewed),
            "expires_at": min(max(expires_at, session.expires_at), session.started_at + longest),
            "last_seen_at": now,
        }

    try:
        session = UserSession.change((claim.user_id, claim.session_id), decide)
    except NotFound:
        raise SessionEnded("This login has ended. Please log in again.") from None
    except _Reused:
        note_alarm("refresh_token.reused", user=claim.user_id, session=claim.session_id)
        end_session(claim.user_id, claim.session_id, now=now)
        end_all_sessions(claim.user_id, now=now)
        raise
    user = _active(User.find(claim.user_id))
    access = tokens.new_access_token(user.id, session.id, now=now, settings=settings)
    return SignedIn(user, session, access, renewed, None)


def authenticate_bearer(token: str, *, now: datetime, settings: Settings) -> Identity:
    """Who sent this access token; two reads. Raises Unauthenticated, SessionEnded (401), UserInactive (403)."""
    claim = tokens.read_access_token(token, now=now, settings=settings)
    return _identity(claim, now, lambda session: True)


def authenticate_cookie(cookie: str, *, now: datetime) -> Identity:
    """Who sent this cookie; two reads. Raises Unauthenticated, SessionEnded (401), UserInactive (403)."""
    claim = tokens.read_cookie(cookie)
    return _identity(claim, now, lambda session: tokens.is_same_secret(claim.secret_hash, session.cookie_hash))


def look_again(identity: Identity, *, now: datetime) -> Identity:
    """The same person by the same login as they stand now. Raises SessionEnded (401), UserInactive (403)."""
    return _identity(tokens.Claim(identity.id, identity.session_id), now, lambda session: True)


def touch_session(identity: Identity, *, now: datetime) -> None:
    """The list of sessions shows when each was last used, to ten minutes; most calls write nothing."""
    session = identity.session
    if now - session.last_seen_at >= SEEN_EVERY:
        with suppress(ConcurrentChange):  # whoever wrote it saw it as well
            session.update_if_unchanged(last_seen_at=now)


def mark_proved(identity: Identity, *, now: datetime) -> None:
    """The person has just proved again, by a secret, to be who they are. Raises ActingRefused (403)."""
    ensure_in_person(identity)
    UserSession.change(identity.session.key, lambda session: {"proved_at": now}, identity.session)


def mark_second_factor(identity: Identity, *, now: datetime) -> None:
    """The person has just shown, or set up, a second factor in this login; that proves them as well."""
    mark_proved(identity, now=now)
    UserSession.change(identity.session.key, lambda session: {"second_factor_at": now}, identity.session)


def ensure_proved(identity: Identity, *, now: datetime, settings: Settings) -> None:
    """Raises ProofRequired (403) unless a secret was given within `proof_ttl_seconds`; ActingRefused (403)."""
    ensure_in_person(identity)
    proved_at = identity.session.proved_at
    if proved_at is None or now - proved_at > timedelta(seconds=settings.proof_ttl_seconds):
        raise ProofRequired("Please prove that it is you: enter your password or a code again.")


def ensure_in_person(identity: Identity) -> None:
    """Raises ActingRefused (403) when it is not the person, but staff acting in their name."""
    if identity.acting_by:
        raise ActingRefused("This cannot be done while acting in somebody's name.")


def list_sessions(user_id: str, *, now: datetime) -> list[UserSession]:
    """The user's open sessions, newest first."""
    return [session for session in all_sessions(user_id) if session.is_open(now)]


def end_session(user_id: str, session_id: str, *, now: datetime) -> None:
    """The session is over, on every process. Raises NotFound (404) for another user's or an unknown one."""
    _revoke(user_id, session_id, now)
    notices.tell(user_id, now=now)


def end_session_of_cookie(cookie: str, *, now: datetime) -> None:
    """The session this cookie is the secret of is over; any other text changes nothing."""
    with suppress(Unauthenticated, NotFound):
        claim = tokens.read_cookie(cookie)
        session = UserSession.find(claim.user_id, claim.session_id)
        if session and tokens.is_same_secret(claim.secret_hash, session.cookie_hash):
            end_session(claim.user_id, claim.session_id, now=now)


def end_all_sessions(user_id: str, *, now: datetime, keep: str | None = None) -> int:
    """Every open session of the user, except `keep`, is over; returns how many were ended."""
    ending = [session.id for session in list_sessions(user_id, now=now) if session.id != keep]
    for session_id in ending:
        _revoke(user_id, session_id, now)
    notices.tell(user_id, now=now)
    return len(ending)


class _Reused(SessionEnded):
    pass


def _identity(claim: tokens.Claim, now: datetime, is_proved: Callable[[UserSession], bool]) -> Identity:
    """That the account is blocked is said before that the login has ended, which is a consequence of it."""
    session, user = find_each((UserSession, (claim.user_id, claim.session_id)), (User, (claim.user_id,)))
    if session is None or not is_proved(session):
        raise Unauthenticated("Please log in first.")
    user = _active(user)
    _ensure_open(session, now)
    if session.acting_by:
        _ensure_actor_stands(session, now)
    return identify(user, session)


def _active(user: User | None) -> User:
    if user is None:
        raise Unauthenticated("Please log in first.")
    ensure_active(user)
    return user


def _ensure_actor_stands(session: UserSession, now: datetime) -> None:
    """Acting ends with the login it was begun from, and with the right to act."""
    own, staff = find_each((UserSession, (session.acting_by, session.acting_session_id)), (User, (session.acting_by,)))
    stands = own is not None and own.is_open(now) and staff is not None and staff.is_active
    if not stands or not rights_of(staff).may(ACT_AS):
        raise SessionEnded("This login has ended. Please log in again.")


def _revoke(user_id: str, session_id: str, now: datetime) -> None:
    was_open = False

    def decide(session: UserSession) -> dict[str, Any] | None:
        nonlocal was_open
        was_open = session.revoked_at is None
        return {"revoked_at": now} if was_open else None

    session = UserSession.change((user_id, session_id), decide)
    if was_open:
        note("session.ended", user=user_id, session=session_id)
    if was_open and session.acting_by:
        actor = Actor(session.acting_by, acting_as=user_id)
        audit.record(Deed("users.acting.end", "user", user_id, after={"session": session_id}), actor, now=now)


def _ensure_open(session: UserSession, now: datetime) -> None:
    if not session.is_open(now):
        raise SessionEnded("This login has ended. Please log in again.")


def all_sessions(user_id: str) -> list[UserSession]:
    """The user's sessions, newest first: those that are open, and those that ended within FORGOTTEN_AFTER."""
    return list(UserSession.objects(user_id=user_id).limit(1000))


def _tidy_sessions(user_id: str, now: datetime) -> None:
    """Remove what ended a week ago, and end the oldest open ones above the limit."""
    still_open = 0
    for session in all_sessions(user_id):
        with suppress(ConcurrentChange, NotFound):
            if session.is_open(now):
                still_open += 1
                if still_open >= MOST_OPEN:
                    end_session(user_id, session.id, now=now)
            elif (session.revoked_at or session.expires_at) < now - FORGOTTEN_AFTER:
                session.delete_if_unchanged()
