"""Accounts made for somebody else, such as by a registration without account: nobody's until their person has chosen
a password by the link that was mailed."""

from datetime import datetime, timedelta

from app.env import Settings
from app.models.accounts import ACTIVE, INACTIVE, User
from app.services.accounts import letters, one_time, passwords
from app.services.accounts.registration import NewAccount, register
from app.services.accounts.tokens import secret_hash

LINK_LIVES = timedelta(days=7)
_TOKEN = "activate"


def create_unactivated(
    email: str,
    first_name: str,
    last_name: str,
    *,
    now: datetime,
    settings: Settings,
    user_id: str = "",
    locale: str = "",
) -> User:
    """An account exists that cannot log in, and its person has the link that makes it theirs.

    user_id: a fixed one for callers that may be repeated. Without a free email the username is made of the names.
    Raises UsernameTaken (409), InvalidValue (422).
    """
    account = NewAccount(email, first_name=first_name, last_name=last_name, locale=locale)
    user = register(account, now=now, settings=settings, user_id=user_id, awaits_activation=True)
    send_link(user, now=now)
    return user


def is_awaited(user: User) -> bool:
    """Whether the account still waits for its person; one that staff have banned does not."""
    return bool(user.awaits_activation and user.status == INACTIVE)


def send_link(user: User, *, now: datetime) -> None:
    """The person has a link, good for seven days; earlier ones stay good until one is used."""
    token = one_time.issue(_TOKEN, user.id, lives=LINK_LIVES, now=now, email=secret_hash(user.email or ""))
    letters.account_activation(user, token, now=now, expires_at=now + LINK_LIVES)


def activate(token: str, password: str, *, now: datetime, settings: Settings) -> User:
    """The account is its person's: it has this password, can log in, and its address is confirmed.

    A refused password leaves the token good. Raises TokenInvalid (422), InvalidValue (422), Busy (503).
    """
    issued = one_time.peek(_TOKEN, token, now=now)
    user = User.find(issued.subject)
    if user is None or not is_awaited(user) or secret_hash(user.email or "") != issued.payload["email"]:
        raise one_time.TokenInvalid("This link is not valid any more. Please ask for a new one.")
    passwords.ensure_acceptable(password, username=user.username, email=user.email)
    password_hash = passwords.hash_password(password, settings, is_known=True)
    one_time.redeem(_TOKEN, token, now=now)
    return user.update(status=ACTIVE, awaits_activation=False, password_hash=password_hash, email_confirmed_at=now)
