"""Logging in at another place: there and back, and which of them open an account."""

from urllib.parse import urlencode

from flask import Response, redirect, request

from app.net.answers import Answers, list_answer, listed, no_content, no_content_answer, one, one_answer
from app.net.http.accounts.blueprints import auth
from app.net.http.accounts.browser_secret import browser_secret, with_browser_secret
from app.net.http.accounts.logins import current_settings, login_out, session_start, unstored, with_cookie
from app.net.middlewares.access import (
    current_user,
    in_person_required,
    login_optional,
    login_required,
    proof_required,
    public,
    session_cookie,
)
from app.net.middlewares.limits import takes_secret
from app.net.schemas.accounts.signing_in import LoginOut
from app.net.schemas.accounts.social import (
    BegunOut,
    CallbackQuery,
    LinkedLoginOut,
    LinkPath,
    LoginProviderOut,
    ProviderPath,
    SocialLoginIn,
    StartIn,
    StartQuery,
)
from app.plugins.oidc import Returned, providers_of
from app.services import accounts as account_service
from app.services.accounts import SecondFactorRequired
from app.services.accounts.rights import Identity
from app.services.accounts.social_login import LINK, LOG_IN, PROVE, STATE_LIVES, Finished, Return, Wish
from app.utils.clock import utc_now
from app.utils.errors import DomainError

LOGIN_PAGE = "/user/login"
SECURITY_PAGE = "/account/security"
REDIRECT: Answers = {302: None}
_OTHER_SITES = ("cross-site", "same-site")


@auth.get("/social", answers=list_answer(LoginProviderOut))
@public
def list_login_providers() -> Response:
    """The places one can log in at: all of them on one page."""
    shown = [LoginProviderOut.of(provider) for provider in providers_of(current_settings())]
    return listed(shown, size=len(shown), total=len(shown), next=None)


@auth.get("/social/<provider>/start", answers={**one_answer(BegunOut), **REDIRECT}, errors=(502,))
@takes_secret
@public
def start_social_login(path: ProviderPath, query: StartQuery) -> Response:
    """Begin to log in there. A browser is sent on; a mobile client is told the address.

    A browser that another site sends here is shown the login page: who is logged in at the provider already would
    otherwise be logged in here without having wanted it.
    """
    if request.headers.get("Sec-Fetch-Site") in _OTHER_SITES:
        return redirect(LOGIN_PAGE)  # type: ignore[return-value]
    begun, secret = _begin(path.provider, LOG_IN, query, None)
    if query.client == "mobile":
        return unstored(one(begun))
    return with_browser_secret(redirect(begun.authorization_url), secret)  # type: ignore[arg-type]


@auth.get("/social/<provider>/callback", answers=REDIRECT, errors=(401, 403, 409, 502))
@takes_secret
@login_optional
def finish_social_login(path: ProviderPath, query: CallbackQuery) -> Response:
    """The browser comes back: logged in, linked or proved, it goes on where it wanted to go.

    A person who looks at a page is shown a refusal on the page that they began on; who only fetches, as JSON.
    """
    returned = Returned(query.code, query.error, query.iss)
    try:
        finished = _finish(path.provider, Return(query.state, returned, browser_secret() or "-", _identity()))
    except DomainError as refusal:
        if request.headers.get("Sec-Fetch-Mode") != "navigate":
            raise
        return unstored(redirect(_refusal_page(refusal)))  # type: ignore[arg-type]
    if finished.second_step is not None:
        return unstored(redirect(_second_step_page(finished.next, finished.second_step)))  # type: ignore[arg-type]
    answer = unstored(redirect(finished.next))  # type: ignore[arg-type]
    return with_cookie(answer, finished.signed_in) if finished.signed_in else answer


@auth.post(
    "/social/<provider>",
    answers={**one_answer(LoginOut), **no_content_answer()},
    errors=(401, 403, 409, 502),
)
@takes_secret
@login_optional
def log_in_by_provider(path: ProviderPath, body: SocialLoginIn) -> Response:
    """What the provider sent to a mobile client: for a login (200), or for a link or proof it began (204)."""
    finished = _finish(path.provider, Return(body.state, Returned(body.code, "", body.iss), "", _identity()))
    return unstored(one(login_out(finished.signed_in))) if finished.signed_in else no_content()


@auth.post("/social/<provider>/link", answers=one_answer(BegunOut), errors=(502,))
@proof_required
def link_provider(path: ProviderPath, body: StartIn) -> Response:
    """Begin to link a login there to my account; logging in there finishes it."""
    begun, secret = _begin(path.provider, LINK, body, current_user)
    return with_browser_secret(unstored(one(begun)), secret)


@auth.post("/social/<provider>/prove", answers=one_answer(BegunOut), errors=(502,))
@in_person_required
def prove_by_provider(path: ProviderPath, body: StartIn) -> Response:
    """Begin to prove that it is me, by logging in there anew with a login that is linked to my account."""
    begun, secret = _begin(path.provider, PROVE, body, current_user)
    return with_browser_secret(unstored(one(begun)), secret)


@auth.get("/social/links", answers=list_answer(LinkedLoginOut))
@login_required
def list_linked_logins() -> Response:
    """The logins elsewhere that open my account: all of them on one page."""
    shown = [LinkedLoginOut.of(link) for link in account_service.federated.list_links(current_user.id)]
    return listed(shown, size=len(shown), total=len(shown), next=None)


@auth.delete("/social/links/<link_id>", answers=no_content_answer(), errors=(409,))
@proof_required
def unlink_login(path: LinkPath) -> Response:
    """Unlink a login; the last way into the account stays."""
    account_service.federated.unlink(current_user, path.link_id, now=utc_now(), settings=current_settings())
    return no_content()


def _begin(provider: str, intent: str, asked: StartQuery | StartIn, identity: Identity | None) -> tuple[BegunOut, str]:
    """The login begun, and the secret this browser has to bring back; empty for apps."""
    secret = browser_secret(make=True) if asked.client == "browser" else ""
    wish = Wish(intent, session_start(asked), asked.next, secret)
    begun = account_service.social_login.begin(provider, wish, identity, now=utc_now(), settings=current_settings())
    lives_seconds = int(STATE_LIVES.total_seconds())
    return BegunOut(authorization_url=begun.url, state=begun.state, expires_in=lives_seconds), secret


def _finish(provider: str, came: Return) -> Finished:
    return account_service.social_login.finish(
        provider, came, replaces=session_cookie(), now=utc_now(), settings=current_settings()
    )


def _identity() -> Identity | None:
    return current_user._get_current_object() if current_user.is_authenticated else None


def _refusal_page(refusal: DomainError) -> str:
    """Where somebody is told, who logs in, or who links a login to the account they are logged in to."""
    page = SECURITY_PAGE if current_user.is_authenticated else LOGIN_PAGE
    return f"{page}#{urlencode({'error': refusal.code})}"


def _second_step_page(next_path: str, needed: SecondFactorRequired) -> str:
    """The login page with the ticket in the fragment, which is sent to nobody."""
    details = {**needed.details, "methods": ",".join(needed.details["methods"])}
    return f"{LOGIN_PAGE}?{urlencode({'next': next_path})}#{urlencode(details)}"
