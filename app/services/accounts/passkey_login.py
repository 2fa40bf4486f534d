"""Logging in by passkey alone: it is had, and its owner verified, so it needs no second step."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import datetime

from app.env import Settings
from app.models.accounts import User
from app.plugins.webauthn import Known
from app.services.accounts import names, passkeys
from app.services.accounts.login import complete_login
from app.services.accounts.passkeys import ANYONE, LOGIN, Credential, Options, PasskeyRefused
from app.services.accounts.sessions import SessionStart, SignedIn

_NOBODY = "0" * 27
_KINDS: tuple[tuple[int, frozenset[str]], ...] = (
    (16, frozenset({"internal", "hybrid"})),
    (20, frozenset({"internal", "hybrid"})),
    (32, frozenset({"internal"})),
    (48, frozenset({"usb"})),
)
"""Lengths in bytes, and how to reach them, of what phones, computers and security keys make."""


def begin(identifier: str, *, now: datetime, settings: Settings) -> Options:
    """What the browser uses a passkey with. identifier: username or email; empty: the passkey names its user itself.

    A name that nobody has, or that has no passkeys, gets passkeys too: made up, the same ones at every try.
    """
    if not identifier:
        return passkeys.begin_use(LOGIN, ANYONE, [], now=now, settings=settings)
    user_id = names.find_holder(identifier) or _NOBODY
    allowed = passkeys.known(passkeys.list_passkeys(user_id)) or made_up(identifier, settings)
    return passkeys.begin_use(LOGIN, user_id, allowed, now=now, settings=settings)


def log_in(
    credential: Credential, start: SessionStart, *, replaces: str | None, now: datetime, settings: Settings
) -> SignedIn:
    """A new session for the passkey's owner. Raises PasskeyRefused (401), UserInactive (403)."""
    user = User.find(passkeys.use(LOGIN, credential, now=now, settings=settings))
    if user is None:
        raise PasskeyRefused("This passkey was not accepted.")
    return complete_login(user, start, replaces=replaces, now=now, settings=settings, has_second_factor=True)


def made_up(identifier: str, settings: Settings) -> list[Known]:
    """Passkeys that nobody has, as plausible as anybody's."""
    text = identifier.strip().casefold()
    seed = hmac.digest(settings.secret_key.encode(), f"made-up passkeys {text}".encode(), "sha512")
    length, transports = _KINDS[seed[0] % len(_KINDS)]
    count = 1 + (seed[1] % 4 == 0)
    ids = (hashlib.sha512(seed + bytes([number])).digest()[:length] for number in range(count))
    return [Known(urlsafe_b64encode(each).decode().rstrip("="), transports) for each in ids]
