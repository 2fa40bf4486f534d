"""Sign-up, login, the user's own sessions and profile."""

from flask import Response, current_app, request

from app.env import Settings
from app.net.answers import (
    created,
    created_answer,
    list_answer,
    listed,
    no_content,
    no_content_answer,
    one,
    one_answer,
)
from app.net.middlewares import csrf
from app.net.middlewares.access import COOKIE, current_user, login_required, public
from app.net.middlewares.blueprints import ApiBlueprint
from app.net.preconditions import ensure_unchanged
from app.net.schemas.accounts import (
    CsrfOut,
    LoginIn,
    LoginOut,
    ProfileChangesIn,
    ProfileIn,
    ProfileOut,
    RefreshIn,
    RegisterIn,
    SessionOut,
    SessionPath,
    UserOut,
)
from app.services import accounts as account_service
from app.services.accounts import Credentials, NewAccount, SessionStart, SignedIn
from app.utils.clock import utc_now

auth = ApiBlueprint("auth", url_prefix="/api/auth", tag="Accounts")
user = ApiBlueprint("user", url_prefix="/api/user", tag="Accounts")


@auth.post("/register", answers=created_answer(LoginOut), errors=(409,))
@public
def register(body: RegisterIn) -> Response:
    """Sign up, and be logged in."""
    account = NewAccount(
        email=body.email,
        password=body.password,
        username=body.username or "",
        first_name=body.first_name,
        last_name=body.last_name,
        locale=body.locale,
    )
    signed_in = account_service.sign_up(account, _start(body), now=utc_now(), settings=_settings())
    return _with_cookie(created(_login_out(signed_in), location="/api/auth/me"), signed_in)


@auth.post("/login", answers=one_answer(LoginOut), errors=(401, 403))
@public
def log_in(body: LoginIn) -> Response:
    """Log in by password. A browser also gets its session cookie."""
    signed_in = account_service.log_in(
        Credentials(body.identifier, body.password),
        _start(body),
        replaces=request.cookies.get(COOKIE) if body.client == "browser" else None,
        now=utc_now(),
        settings=_settings(),
    )
    return _with_cookie(one(_login_out(signed_in)), signed_in)


@auth.post("/refresh", answers=one_answer(LoginOut), errors=(401, 403))
@public
def refresh(body: RefreshIn) -> Response:
    """A new pair of tokens. The given refresh token is dead; giving it again ends all sessions of the user."""
    signed_in = account_service.refresh_login(body.refresh_token, now=utc_now(), settings=_settings())
    return one(_login_out(signed_in))


@auth.post("/logout", answers=no_content_answer())
@login_required
def log_out() -> Response:
    """End this session."""
    account_service.end_session(current_user.id, current_user.session_id, now=utc_now())
    answer = no_content()
    answer.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=_settings().cookie_secure)
    return answer


@auth.get("/me", answers=one_answer(UserOut))
@login_required
def read_me() -> Response:
    """Who I am, and what I may do."""
    return one(UserOut.of(current_user.user))


@auth.get("/csrf", answers=one_answer(CsrfOut))
@public
def read_csrf() -> Response:
    """The token for this browser's writes."""
    return one(CsrfOut(csrf_token=csrf.issue()))


@auth.get("/sessions", answers=list_answer(SessionOut))
@login_required
def list_sessions() -> Response:
    """My open logins, newest first: all of them on one page."""
    sessions = account_service.list_sessions(current_user.id, now=utc_now())
    shown = [SessionOut.of(session, current_id=current_user.session_id) for session in sessions]
    return listed(shown, size=len(shown), total=len(shown), next=None)


@auth.delete("/sessions", answers=no_content_answer())
@login_required
def end_other_sessions() -> Response:
    """End all my logins but this one."""
    account_service.end_all_sessions(current_user.id, now=utc_now(), keep=current_user.session_id)
    return no_content()


@auth.delete("/sessions/<session_id>", answers=no_content_answer())
@login_required
def delete_session(path: SessionPath) -> Response:
    """End one of my logins."""
    account_service.end_session(current_user.id, path.session_id, now=utc_now())
    return no_content()


@user.get("/profile", answers=one_answer(ProfileOut))
@login_required
def read_profile() -> Response:
    """My profile."""
    return one(ProfileOut.of(current_user.user))


@user.put("/profile", answers=one_answer(ProfileOut), errors=(409,))
@login_required
def replace_profile(body: ProfileIn) -> Response:
    """Write the whole profile."""
    ensure_unchanged(current_user.user.updated_at)
    return one(ProfileOut.of(account_service.change_profile(current_user.id, body.model_dump(), now=utc_now())))


@user.patch("/profile", answers=one_answer(ProfileOut), errors=(409,))
@login_required
def change_profile(body: ProfileChangesIn) -> Response:
    """Change the given fields of the profile."""
    ensure_unchanged(current_user.user.updated_at)
    return one(ProfileOut.of(account_service.change_profile(current_user.id, body.given(), now=utc_now())))


def _settings() -> Settings:
    return current_app.config["SETTINGS"]


def _start(body: RegisterIn | LoginIn) -> SessionStart:
    device = body.device_name or request.user_agent.string
    return SessionStart(kind=body.client, device_name=device, address=request.remote_addr or "")


def _login_out(signed_in: SignedIn) -> LoginOut:
    settings = _settings()
    return LoginOut.of(
        signed_in,
        access_seconds=settings.access_token_ttl_seconds,
        refresh_seconds=settings.refresh_token_ttl_seconds,
    )


def _with_cookie(answer: Response, signed_in: SignedIn) -> Response:
    """Tokens must not stay in any cache; a browser's session secret goes where scripts cannot read it."""
    settings = _settings()
    answer.headers["Cache-Control"] = "no-store"
    if signed_in.cookie:
        answer.set_cookie(
            COOKIE,
            signed_in.cookie,
            max_age=settings.session_ttl_seconds,
            httponly=True,
            samesite="Lax",
            secure=settings.cookie_secure,
        )
    return answer
