"""Who may call a route: one decorator on each, and `current_user`, read when first asked for.

A bearer token is looked at before the cookie, and a request that carries one never falls back to its cookie: the
CSRF check lets bearer requests pass for that reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from flask_login import LoginManager, current_user

from app.env import Settings
from app.models import Seller
from app.net.middlewares.cookies import cookie_name
from app.services import accounts as account_service
from app.services.accounts import Forbidden, Identity, Tenant, Unauthenticated, acting
from app.services.audit import Actor
from app.utils.clock import utc_now
from app.utils.errors import DomainError

__all__ = [
    "COOKIE",
    "ENROLMENT",
    "Access",
    "Visitor",
    "current_actor",
    "current_tenant",
    "current_user",
    "identify_request",
    "identify_socket",
    "in_person_required",
    "init_app",
    "login_optional",
    "login_required",
    "permission_required",
    "proof_required",
    "public",
    "rank_required",
    "session_cookie",
    "tenant_permission_required",
]

COOKIE = "login_session"
ENROLMENT = frozenset(
    f"auth.{view}"
    for view in (
        "read_me", "log_out", "prove", "begin_passkey_proof", "read_factors", "enrol_totp", "confirm_totp",
        "list_passkeys", "begin_passkey", "add_passkey", "finish_social_login", "log_in_by_provider",
        "resend_confirmation",
    )
)  # fmt: skip
"""What somebody may do who must have a second factor and has not shown one: set it up, or leave. The address has to be
confirmed before, so the link for that can be asked for once more."""
_BEARER = "Bearer "
_UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
View = TypeVar("View", bound=Callable[..., Any])


class Visitor:
    """Nobody in particular; what `current_user` is without a login."""

    id = email = username = session_id = None
    acting_by = ""
    permissions: frozenset[str] = frozenset()
    rank = 0
    is_admin = is_staff = is_authenticated = is_active = False
    is_anonymous = True

    def get_id(self) -> None:
        return None

    def may(self, code: str, tenant: Tenant | None = None) -> bool:
        return False


class RowSessions(LoginManager):
    """Flask-Login with our session rows in the place of its signed cookies, and nothing read before it is needed."""

    def _load_user(self) -> None:
        g._login_user = Visitor()
        try:
            g._login_user = identify_request() or g._login_user
        except DomainError as refusal:
            if refusal.status >= 500:
                del g._login_user
                raise
            g.login_refusal = refusal

    def _update_remember_cookie(self, response: Any) -> Any:
        return response  # there is no remember cookie; looking for one would open Flask's session on every answer


def init_app(app: Flask) -> None:
    """Make `current_user` work in views. Not in templates: an error page must not need the store that is away."""
    RowSessions(app, add_context_processor=False)


def identify_request() -> Identity | None:
    """Who sends this request by bearer token or cookie; None when it carries neither.

    Raises Unauthenticated, SessionEnded (401), UserInactive (403).
    """
    settings: Settings = current_app.config["SETTINGS"]
    now = utc_now()
    header = request.headers.get("Authorization", "")
    if header.startswith(_BEARER):
        return account_service.authenticate_bearer(header.removeprefix(_BEARER).strip(), now=now, settings=settings)
    if cookie := session_cookie():
        identity = account_service.authenticate_cookie(cookie, now=now)
        account_service.touch_session(identity, now=now)
        return identity
    return None


def session_cookie() -> str | None:
    """The secret of a browser's login that came with this request."""
    return request.cookies.get(cookie_name(COOKIE))


def identify_socket(auth: object) -> Identity | None:
    """Who opens this socket: by `auth.token` (an access token), else by the cookie of the connecting request.

    Returns None for nobody, and for everybody whom a route would refuse.
    """
    token = auth.get("token") if isinstance(auth, dict) else None
    settings: Settings = current_app.config["SETTINGS"]
    try:
        if token is None:
            return _enrolled(identify_request())
        return _enrolled(account_service.authenticate_bearer(str(token), now=utc_now(), settings=settings))
    except DomainError as refusal:
        if refusal.status >= 500:
            raise
        return None


def ensure_enrolled(identity: Identity) -> None:
    """Who must have a second factor and has none may only set one up. Raises EnrolmentRequired (403)."""
    if request.endpoint not in ENROLMENT:
        account_service.ensure_enrolled(identity, current_app.config["SETTINGS"])


def _enrolled(identity: Identity | None) -> Identity | None:
    if identity is not None:
        account_service.ensure_enrolled(identity, current_app.config["SETTINGS"])
    return identity


def current_actor() -> Actor:
    """Who the audit log names for this request: the member of staff, when one acts in somebody's name."""
    address, request_id = request.remote_addr or "", g.get("request_id", "")
    if current_user.acting_by:
        return Actor(current_user.acting_by, address, request_id, acting_as=current_user.id)
    return Actor(current_user.id, address, request_id)


def current_tenant() -> Seller:
    """The school or store that the route's path names, as its access rule has read it."""
    return g.tenant


@dataclass(frozen=True)
class Access:
    """The rule of one route. kind: public, optional, login, permission, tenant or rank; name: of permission or rank.

    proved: what it does is delicate, so that the password or a code must have been given a moment ago.
    in_person: not for staff who act in somebody's name; neither is what must be proved.
    """

    kind: str
    name: str = ""
    proved: bool = False
    in_person: bool = False

    def __str__(self) -> str:
        rule = f"{self.kind}:{self.name}" if self.name else self.kind
        return rule + "+proof" * self.proved + "+person" * self.in_person

    def ensure(self) -> None:
        """Pass when the caller may.

        Raises Unauthenticated, SessionEnded (401), Forbidden, UserInactive, EnrolmentRequired, ProofRequired,
        ActingRefused (403), and NotFound (404) for a tenant that is none of theirs.
        """
        if self.kind == "public" or getattr(request, "passed_access", None) is self:
            return
        if not current_user.is_authenticated:
            refusal = g.get("login_refusal")
            if self.kind == "optional" and not (refusal and _is_bearer()):
                return
            raise refusal or Unauthenticated("Please log in first.")
        ensure_enrolled(current_user)
        if self.kind == "permission" and not current_user.may(self.name):
            raise Forbidden("Your account has no right to do this.", details={"permission": self.name})
        if self.kind == "tenant":
            self._ensure_on_tenant()
        if self.kind == "rank" and current_user.rank < account_service.RANKS[self.name]:
            raise Forbidden("Your account has no right to do this.", details={"rank": self.name})
        if self.proved:
            settings: Settings = current_app.config["SETTINGS"]
            account_service.ensure_proved(current_user, now=utc_now(), settings=settings)
        if current_user.acting_by:
            self._ensure_acting()
        request.passed_access = self  # type: ignore[attr-defined]

    def _ensure_on_tenant(self) -> None:
        named = request.view_args or {}
        g.tenant = account_service.get_tenant(str(named["kind"]), str(named["tenant_id"]))
        account_service.ensure_may(current_user, self.name, g.tenant)

    def _ensure_acting(self) -> None:
        """What is written in another's name is in the log before it happens."""
        if self.in_person:
            account_service.ensure_in_person(current_user)
        if request.method in _UNSAFE_METHODS:
            acting.record_write(
                current_user, method=request.method, path=request.path, actor=current_actor(), now=utc_now()
            )


def public(view: View) -> View:
    """Everybody may call this; who asks is not even looked up, unless the view does so itself."""
    view.access = Access("public")  # type: ignore[attr-defined]
    return view


def login_optional(view: View) -> View:
    """Visitors may call this too, but a bearer token that is given must be good: an app whose token has run out is
    told so, instead of being served as a stranger."""
    return _guarded(view, Access("optional"))


def login_required(view: View) -> View:
    """Only people who are logged in."""
    return _guarded(view, Access("login"))


def in_person_required(view: View) -> View:
    """Only people who are logged in, and nobody who acts in their name: money, consent, the account's own safety."""
    return _guarded(view, Access("login", in_person=True))


def proof_required(view: View) -> View:
    """Only people who are logged in and gave their password or a code within the last minutes."""
    return _guarded(view, Access("login", proved=True))


def permission_required(code: str, *, proved: bool = False) -> Callable[[View], View]:
    """Only holders of this permission of common/permissions.json; one of a tenant, if they hold it on any.

    Which objects it opens is for the service, by `ensure_may`. proved: as with `proof_required`.
    """
    return lambda view: _guarded(view, Access("permission", code, proved))


def tenant_permission_required(code: str, *, proved: bool = False) -> Callable[[View], View]:
    """Only holders of this permission on the school or store that the path names by `kind` and `tenant_id`.

    404 for who has no right there at all, 403 for who lacks only this one. proved: as with `proof_required`.
    """
    return lambda view: _guarded(view, Access("tenant", code, proved))


def rank_required(rank: str) -> Callable[[View], View]:
    """Only people of this rank (student, teacher, admin) or above."""
    if rank not in account_service.RANKS:
        raise ValueError(f"no such rank: {rank}")
    return lambda view: _guarded(view, Access("rank", rank))


def _guarded(view: View, access: Access) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        access.ensure()
        return view(*args, **kwargs)

    guarded.access = access  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def _is_bearer() -> bool:
    return request.headers.get("Authorization", "").startswith(_BEARER)
