"""The first superuser, made by who runs the machine: there is nobody yet who could make one."""

from datetime import datetime

from app.env import Settings
from app.models.accounts import User
from app.services.accounts import names, superusers
from app.services.accounts.registration import NewAccount, UsernameTaken, register
from app.utils.errors import InvalidValue


def ensure_first_superuser(*, now: datetime, settings: Settings) -> tuple[User, bool]:
    """The superuser of the SUPERUSER_* settings exists; also whether this call made them. Again changes nothing.

    An account that somebody else made under this name is never promoted.
    Raises InvalidValue (422: settings missing or unusable), UsernameTaken (409).
    """
    email, username = settings.superuser_email, settings.superuser_username
    missing = [
        name
        for name, text in (("SUPERUSER_EMAIL", email), ("SUPERUSER_PASSWORD", settings.superuser_password))
        if not text
    ]
    if missing:
        raise InvalidValue(f"Set {' and '.join(missing)} to make a superuser.")
    if standing := _standing(username or email):
        superusers.ensure_listed(standing, now=now)
        return standing, False
    account = NewAccount(email, settings.superuser_password, username)
    user = register(account, now=now, settings=settings, is_admin=True, is_superuser=True)
    return user.update(email_confirmed_at=now), True


def _standing(name: str) -> User | None:
    """The superuser of this name. Raises UsernameTaken (409) when it is somebody who is none."""
    user = User.find(names.find_holder(name) or "nobody")
    if user is not None and not user.is_superuser:
        raise UsernameTaken(f"{name} is the account of somebody who is no superuser.")
    return user
