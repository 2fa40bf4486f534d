"""How a login begins and what it answers, whichever way somebody came in."""

from typing import Protocol

from flask import Response, current_app, request

from app.env import Settings
from app.net.middlewares.access import COOKIE
from app.net.schemas.accounts.signing_in import LoginOut
from app.services.accounts import SessionStart, SignedIn


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
    return SessionStart(kind=body.client, device_name=device, address=request.remote_addr or "")


def login_out(signed_in: SignedIn) -> LoginOut:
    settings = current_settings()
    return LoginOut.of(
        signed_in,
        access_seconds=settings.access_token_ttl_seconds,
        refresh_seconds=settings.refresh_token_ttl_seconds,
    )


def unstored(answer: Response) -> Response:
    """What it holds is secret and must not stay in any cache."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


def with_cookie(answer: Response, signed_in: SignedIn) -> Response:
    """Tokens must not stay in any cache; a browser's session secret goes where scripts cannot read it."""
    settings = current_settings()
    unstored(answer)
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
