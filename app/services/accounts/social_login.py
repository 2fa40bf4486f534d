"""A login at another place, from the first click to the return: for logging in, for linking, and for proving again.

What it was begun with waits in a one-time token, the `state`. A browser also has to bring back the secret of its own
cookie, so that nobody can be made to finish what somebody else began (RFC 9700, 4.7).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.env import Settings
from app.models.accounts import User
from app.plugins import oidc
from app.plugins.oidc import Asked, LoginRefused, Person, Provider, Returned
from app.services.accounts import federated, one_time
from app.services.accounts.login import complete_login
from app.services.accounts.one_time import TokenInvalid
from app.services.accounts.rights import Identity
from app.services.accounts.second_step import SecondFactorRequired
from app.services.accounts.sessions import BROWSER, SessionStart, SignedIn, mark_proved
from app.services.accounts.tokens import secret_hash
from app.utils.errors import NotFound
from app.utils.security_log import note

PURPOSE = "social-login"
STATE_LIVES = timedelta(minutes=10)
LOG_IN, LINK, PROVE = "login", "link", "prove"
CALLBACK = "/api/auth/social/{}/callback"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a login elsewhere is begun for. browser: the secret of the browser's cookie, empty for apps; next: where a
    browser goes after it, a path of ours."""

    intent: str
    start: SessionStart
    next: str = "/"
    browser: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the person goes, and the state that comes back."""

    url: str = field(repr=False)
    state: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Return:
    """What comes back. browser: as in Wish. identity: who is logged in here, if anybody."""

    state: str = field(repr=False)
    returned: Returned
    browser: str = field(default="", repr=False)
    identity: Identity | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of it. signed_in: for LOG_IN only. second_step: instead of it, in a browser that was sent here."""

    intent: str
    next: str
    signed_in: SignedIn | None = None
    second_step: SecondFactorRequired | None = None


def get_provider(name: str, settings: Settings) -> Provider:
    """The provider of the settings. Raises NotFound (404)."""
    provider = oidc.find_provider(settings, name)
    if provider is None:
        raise NotFound("There is no such login provider.")
    return provider


def begin(name: str, wish: Wish, identity: Identity | None, *, now: datetime, settings: Settings) -> Begun:
    """The login can be made at the provider within STATE_LIVES. identity: who links or proves.

    Raises NotFound (404), LoginProviderUnavailable (502).
    """
    provider = get_provider(name, settings)
    own_address = settings.site_url + CALLBACK.format(name)
    asked = Asked(
        redirect_url=own_address if wish.browser else provider.app_redirect_url or own_address,
        nonce=oidc.new_verifier(),
        verifier=oidc.new_verifier(),
        must_log_in_anew=wish.intent == PROVE,
    )
    state = one_time.issue(
        PURPOSE,
        identity.id if identity else "nobody",
        lives=STATE_LIVES,
        now=now,
        provider=name,
        intent=wish.intent,
        next=wish.next,
        browser=secret_hash(wish.browser) if wish.browser else "",
        session=identity.session_id if identity else "",
        redirect_url=asked.redirect_url,
        nonce=asked.nonce,
        verifier=asked.verifier,
        start=[wish.start.kind, wish.start.device_name, wish.start.address, wish.start.familiar_to],
    )
    return Begun(oidc.authorization_url(provider, asked, state), state)


def finish(name: str, came: Return, *, replaces: str | None, now: datetime, settings: Settings) -> Finished:
    """What was begun is done: a session, a link or a proof. The state is spent, however it ends.

    Raises NotFound (404), TokenInvalid (422), LoginRefused, SecondFactorRequired (401), LinkRequired, IdentityTaken,
    ConcurrentChange (409), UserInactive (403), LoginProviderUnavailable (502).
    """
    provider = get_provider(name, settings)
    begun = one_time.redeem(PURPOSE, came.state, now=now).payload
    if begun["provider"] != name or begun["browser"] != (secret_hash(came.browser) if came.browser else ""):
        raise _not_theirs()
    asked = Asked(begun["redirect_url"], begun["nonce"], begun["verifier"], begun["intent"] == PROVE)
    if begun["intent"] != LOG_IN and (came.identity is None or came.identity.session_id != begun["session"]):
        raise _not_theirs()
    person = oidc.fetch_person(provider, asked, came.returned, now=now)
    if begun["intent"] == LOG_IN:
        user = federated.account_of(provider, person, now=now, settings=settings)
        note("factor.accepted", user=user.id, factor="provider", provider=name)
        return _logged_in(user, begun, replaces, now, settings)
    assert came.identity is not None
    if begun["intent"] == LINK:
        federated.link(came.identity, provider, person, now=now)
    else:
        _prove(came.identity, person, now)
    return Finished(begun["intent"], begun["next"])


def _logged_in(
    user: User, begun: Mapping[str, Any], replaces: str | None, now: datetime, settings: Settings
) -> Finished:
    start, next_path = SessionStart(*begun["start"]), begun["next"]
    try:
        replaced = replaces if start.kind == BROWSER else None
        signed_in = complete_login(user, start, replaces=replaced, now=now, settings=settings)
    except SecondFactorRequired as needed:
        if not begun["browser"]:
            raise
        return Finished(LOG_IN, next_path, second_step=needed)
    return Finished(LOG_IN, next_path, signed_in)


def _prove(identity: Identity, person: Person, now: datetime) -> None:
    if not federated.is_linked(identity.id, person):
        raise LoginRefused
    mark_proved(identity, now=now)


def _not_theirs() -> TokenInvalid:
    return TokenInvalid("This login is not valid any more. Please start again.")
