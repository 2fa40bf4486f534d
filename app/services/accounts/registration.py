"""Sign-up as steps of which any may be the last one before a crash: claim the names, write the user, settle."""

import hashlib
import string
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from app.env import Settings
from app.models.accounts import User
from app.services import messages
from app.services.accounts import consents, names, passwords
from app.services.accounts.consents import Answer
from app.services.accounts.profile import ensure_profiles
from app.services.accounts.sessions import SessionStart, SignedIn, start_session
from app.utils.errors import DomainError
from app.utils.ids import new_id

_REFERRAL_LETTERS = string.ascii_uppercase + string.digits
_REFERRAL_LENGTH = 8


class UsernameTaken(DomainError):
    """Somebody has this username, or the email that would be it (409)."""

    code, status = "username_taken", 409


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What a person gives to sign up. Without a username the email is the username.

    accepted_terms: the version of the terms they agreed to; empty when they were not asked.
    """

    email: str
    password: str = field(repr=False)
    username: str = ""
    first_name: str = ""
    last_name: str = ""
    locale: str = ""
    accepted_terms: str = ""


def register(account: NewAccount, *, now: datetime, settings: Settings, user_id: str = "", **flags: bool) -> User:
    """A new user exists, holds the names, and has a student profile.

    user_id: for seeds, which make the same accounts on every run. flags: is_seller, is_admin and the like.
    Raises UsernameTaken (409), InvalidValue (422: unusable email, username or password).
    """
    email = names.clean_email(account.email)
    username = names.clean_username(account.username or email)
    if "@" in username and username != email:
        # otherwise a stranger's email could be squatted on as a username
        raise UsernameTaken("This name is taken.", details={"hint": "A username with @ must be your own email."})
    passwords.ensure_acceptable(account.password, username=username, email=email)
    password_hash = passwords.hash_password(account.password, settings)
    user_id = user_id or new_id()
    claimed = _claim_names(user_id, username, email, now)
    referral_code = _claim_referral_code(user_id, now)
    user = User.create(
        id=user_id,
        username=username,
        email=email,
        password_hash=password_hash,
        first_name=account.first_name,
        last_name=account.last_name,
        locale=account.locale or settings.default_locale,
        country=settings.default_country,
        referral_code=referral_code,
        **_with_implied(flags),
    )
    _settle_names(user, [*claimed, (names.REFERRAL, referral_code)])
    ensure_profiles(user)
    return user


def sign_up(account: NewAccount, start: SessionStart, *, now: datetime, settings: Settings) -> SignedIn:
    """A new user exists and is logged in. Raises as `register`, and TermsOutdated (422)."""
    if account.accepted_terms or settings.terms_acceptance_required:
        consents.ensure_in_force(consents.TERMS, account.accepted_terms, now=now)
    user = register(account, now=now, settings=settings)
    if account.accepted_terms:
        answer = Answer(consents.TERMS, account.accepted_terms, True, consents.SIGN_UP, start.address)
        consents.record_answer(user, answer, now=now)
    signed_in = start_session(user, start, now=now, settings=settings)
    messages.welcome(
        user_id=user.id, email=user.email, username=user.username, first_name=user.first_name or "", now=now
    )
    return signed_in


def ensure_account(account: NewAccount, *, user_id: str, now: datetime, settings: Settings, **flags: bool) -> User:
    """The account of this fixed id exists with these flags; doing it again changes nothing."""
    user = User.find(user_id)
    if user is None:
        return register(account, now=now, settings=settings, user_id=user_id, **flags)
    changes = {name: value for name, value in _with_implied(flags).items() if getattr(user, name) != value}
    user = user.update(**changes) if changes else user
    ensure_profiles(user)
    return user


def _claim_names(user_id: str, username: str, email: str, now: datetime) -> list[tuple[str, str]]:
    """Claim the username, and the email for logging in by it.

    Two people may share an email when the second has an own username; the email then logs in the first.
    """
    if not names.claim(names.USERNAME, username, user_id, now=now):
        raise UsernameTaken("This name is taken.")
    claimed = [(names.USERNAME, username)]
    if names.claim(names.EMAIL, email, user_id, now=now):
        claimed.append((names.EMAIL, email))
    elif username == email:
        names.release(names.USERNAME, username, user_id)
        raise UsernameTaken("This name is taken.")
    return claimed


def _claim_referral_code(user_id: str, now: datetime) -> str:
    for number in count():
        code = referral_code(user_id, number)
        if names.claim(names.REFERRAL, code, user_id, now=now):
            return code
    raise AssertionError("unreachable")


def referral_code(user_id: str, number: int) -> str:
    """The user's first, second, … candidate for a code: the same every time, so a repeated sign-up claims it again."""
    rest = int.from_bytes(hashlib.sha256(f"referral {number} {user_id}".encode()).digest())
    letters = []
    for _ in range(_REFERRAL_LENGTH):
        rest, letter = divmod(rest, len(_REFERRAL_LETTERS))
        letters.append(_REFERRAL_LETTERS[letter])
    return "".join(letters)


def _settle_names(user: User, claimed: list[tuple[str, str]]) -> None:
    """Make the claims final; a claim lost meanwhile (this process slept for a minute) undoes the sign-up."""
    settled = [(kind, value) for kind, value in claimed if names.settle(kind, value, user.id)]
    if settled == claimed:
        return
    user.delete()
    for kind, value in settled:
        names.release(kind, value, user.id)
    raise UsernameTaken("This name is taken.")


def _with_implied(flags: dict[str, bool]) -> dict[str, Any]:
    if flags.get("is_teacher") or flags.get("is_admin") or flags.get("is_superuser"):
        return {**flags, "is_staff": True}
    return dict(flags)
