"""Signing up, logging in and out, and who I am."""

from flask import Response, request

from app.net.answers import created, created_answer, no_content, no_content_answer, one, one_answer
from app.net.http.accounts.blueprints import auth
from app.net.http.accounts.logins import current_settings, login_out, session_start, with_cookie
from app.net.middlewares import csrf
from app.net.middlewares.access import COOKIE, current_user, login_required, public
from app.net.schemas.accounts.signing_in import CsrfOut, LoginIn, LoginOut, MeOut, ProveIn, RefreshIn, RegisterIn
from app.services import accounts as account_service
from app.services.accounts import Credentials, NewAccount, consents
from app.utils.clock import utc_now


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
        accepted_terms=body.accepted_terms,
    )
    signed_in = account_service.sign_up(account, session_start(body), now=utc_now(), settings=current_settings())
    return with_cookie(created(login_out(signed_in), location="/api/auth/me"), signed_in)


@auth.post("/login", answers=one_answer(LoginOut), errors=(401, 403))
@public
def log_in(body: LoginIn) -> Response:
    """Log in by password. A browser also gets its session cookie."""
    signed_in = account_service.log_in(
        Credentials(body.identifier, body.password),
        session_start(body),
        replaces=request.cookies.get(COOKIE) if body.client == "browser" else None,
        now=utc_now(),
        settings=current_settings(),
    )
    return with_cookie(one(login_out(signed_in)), signed_in)


@auth.post("/refresh", answers=one_answer(LoginOut), errors=(401, 403))
@public
def refresh(body: RefreshIn) -> Response:
    """A new pair of tokens. The given refresh token is dead; giving it again ends all sessions of the user."""
    signed_in = account_service.refresh_login(body.refresh_token, now=utc_now(), settings=current_settings())
    return one(login_out(signed_in))


@auth.post("/logout", answers=no_content_answer())
@login_required
def log_out() -> Response:
    """End this session."""
    account_service.end_session(current_user.id, current_user.session_id, now=utc_now())
    answer = no_content()
    answer.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=current_settings().cookie_secure)
    return answer


@auth.post("/prove", answers=no_content_answer())
@login_required
def prove(body: ProveIn) -> Response:
    """Prove again that it is you, which delicate operations ask for when the last proof is some minutes old."""
    account_service.prove_by_password(current_user, body.password, now=utc_now(), settings=current_settings())
    return no_content()


@auth.get("/me", answers=one_answer(MeOut))
@login_required
def read_me() -> Response:
    """Who I am, what I may do, and which texts I have still, or again, to accept."""
    missing = consents.versions_to_accept(consents.list_answers(current_user.id), now=utc_now())
    return one(MeOut.of_me(current_user.user, missing))


@auth.get("/csrf", answers=one_answer(CsrfOut))
@public
def read_csrf() -> Response:
    """The token for this browser's writes."""
    return one(CsrfOut(csrf_token=csrf.issue()))
