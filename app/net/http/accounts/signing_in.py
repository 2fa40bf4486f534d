"""Signing up, logging in and out, and who I am."""

from typing import Any

from flask import Response

from app.net.answers import created, created_answer, no_content, no_content_answer, one, one_answer
from app.net.http.accounts.blueprints import auth
from app.net.http.accounts.logins import current_settings, login_out, session_start, with_cookie, without_cookie
from app.net.middlewares import csrf
from app.net.middlewares.access import current_user, in_person_required, login_required, public, session_cookie
from app.net.middlewares.familiar import familiar_token
from app.net.middlewares.limits import takes_secret
from app.net.schemas.accounts.signing_in import CsrfOut, LoginIn, LoginOut, MeOut, ProveIn, RefreshIn, RegisterIn
from app.services import accounts as account_service
from app.services.accounts import consents
from app.utils.clock import utc_now


@auth.post("/register", answers=created_answer(LoginOut), errors=(409,))
@takes_secret
@public
def register(body: RegisterIn) -> Response:
    """Sign up by password or by a code that was verified, and be logged in."""
    now, settings = utc_now(), current_settings()
    token = body.verification_token
    proof = account_service.sign_up_proof(token, now=now, settings=settings) if token else None
    signed_in = account_service.sign_up(body.account, session_start(body), now=now, settings=settings, proof=proof)
    return with_cookie(created(login_out(signed_in), location="/api/auth/me"), signed_in)


@auth.post("/login", answers=one_answer(LoginOut), errors=(401, 403, 404, 422))
@takes_secret
@public
def log_in(body: LoginIn) -> Response:
    """Log in by password or by a code that was verified. A browser also gets its session cookie.

    With a second factor the answer is 401 `second_factor_required`; its `details` hold a ticket for
    `/auth/login/second-factor`, the methods, and for how many seconds the ticket is good.
    """
    came: dict[str, Any] = {
        "replaces": session_cookie() if body.client == "browser" else None,
        "now": utc_now(),
        "settings": current_settings(),
    }
    if body.verification_token:
        signed_in = account_service.log_in_by_code(body.verification_token, session_start(body), **came)
    else:
        credentials = body.credentials(familiar_token())
        signed_in = account_service.log_in(credentials, session_start(body), **came)
    return with_cookie(one(login_out(signed_in)), signed_in)


@auth.post("/refresh", answers=one_answer(LoginOut), errors=(401, 403))
@takes_secret
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
    return without_cookie(no_content())


@auth.post("/prove", answers=no_content_answer())
@takes_secret
@in_person_required
def prove(body: ProveIn) -> Response:
    """Prove again that it is you, which delicate operations ask for when the last proof is some minutes old.

    By password, a code of the authenticator app, a passkey (`/auth/prove/passkey-options`), or a code that was sent
    to the account's own address or number and verified; an account that has none of these proves itself at its login
    provider (`/auth/social/{provider}/prove`), or logs in again.
    """
    account_service.prove(current_user, body.proof, now=utc_now(), settings=current_settings())
    return no_content()


@auth.get("/me", answers=one_answer(MeOut))
@login_required
def read_me() -> Response:
    """Who I am, what I may do, and which texts I have still, or again, to accept."""
    missing = consents.versions_to_accept(consents.list_answers(current_user.id), now=utc_now())
    return one(MeOut.of_me(current_user.user, current_user.rights, current_user.session, missing))


@auth.get("/csrf", answers=one_answer(CsrfOut))
@public
def read_csrf() -> Response:
    """The token for this browser's writes."""
    return one(CsrfOut(csrf_token=csrf.issue()))
