"""How a login begins and what it answers, whichever way somebody came in."""

from typing import Protocol

from flask import Response, current_app, request

from app.env import Settings
from app.net.middlewares.access import COOKIE
from app.net.middlewares.cookies import cookie_name
from app.net.middlewares.familiar import familiar_user_id, remember
from app.net.schemas.accounts.signing_in import LoginOut
from app.services.accounts import SessionStart, SignedIn
from app.services.accounts.acting import LASTS, Acting


class Arrival(Protocol):
    """The part of a body that says where a login comes from."""

    @property
    def client(self) -> str: ...

    @property
    def device_name(self) -> str: ...


def current_settings() -> Settings:
    return current_app.config["SETTINGS"]


def session_start(body: Arrival) -> SessionStart:
    device = body.device_name or request.user_agent.string
    return SessionStart(body.client, device, request.remote_addr or "", familiar_user_id() or "")


def login_out(signed_in: SignedIn) -> LoginOut:
    """The answer to a login. Our own pages, whose requests browsers mark as `same-origin`, get no tokens beside the
    cookie: what no script can read, an injected one cannot steal."""
    settings = current_settings()
    is_own_page = signed_in.cookie is not None and request.headers.get("Sec-Fetch-Site") == "same-origin"
    return LoginOut.of(
        signed_in,
        has_tokens=not is_own_page,
        access_seconds=settings.access_token_ttl_seconds,
        refresh_seconds=settings.refresh_token_ttl_seconds,
    )


def unstored(answer: Response) -> Response:
    """Tokens must not stay in any cache."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


def with_cookie(answer: Response, signed_in: SignedIn) -> Response:
    """The answer is not cached, a browser's session secret goes where scripts cannot read it, and the browser is one
    that this user has logged in with."""
    if signed_in.cookie:
        remember(answer, signed_in.user.id)
    return _with_secret(answer, signed_in.cookie, current_settings().session_ttl_seconds)


def with_acting_cookie(answer: Response, begun: Acting) -> Response:
    """The same for a login in another's name, which ends sooner."""
    return _with_secret(answer, begun.cookie, int(LASTS.total_seconds()))


def without_cookie(answer: Response) -> Response:
    """The browser forgets its session secret."""
    answer.delete_cookie(cookie_name(COOKIE), httponly=True, samesite="Lax", secure=current_settings().cookie_secure)
    return answer


def _with_secret(answer: Response, cookie: str | None, lives_seconds: int) -> Response:
    unstored(answer)
    if cookie:
        answer.set_cookie(
            cookie_name(COOKIE),
            cookie,
            max_age=lives_seconds,
            httponly=True,
            samesite="Lax",
            secure=current_settings().cookie_secure,
        )
    return answer
