"""Sign-up as steps of which any may be the last one before a crash: claim the names, write the user, settle."""

import hashlib
import string
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

from app.env import Settings
from app.models.accounts import INACTIVE, User
from app.services.accounts import announcing, consents, names, passwords, referring, superusers
from app.services.accounts.codes import Proof
from app.services.accounts.consents import Answer
from app.services.accounts.moving import ContactTaken
from app.services.accounts.profile import ensure_profiles
from app.services.accounts.sessions import SessionStart, SignedIn, start_session
from app.utils.errors import DomainError, InvalidValue
from app.utils.ids import new_id

_REFERRAL_LETTERS = string.ascii_uppercase + string.digits
_REFERRAL_LENGTH = 8
_AWAITS = "awaits_activation"


class UsernameTaken(DomainError):
    """Somebody has this username, or the email that would be it (409)."""

    code, status = "username_taken", 409


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What a person gives to sign up. Without a username the email is the username.

    password: None for who comes in another way. phone: set only by a proof. referral_code: of whoever brought them.
    """

    email: str = ""
    password: str | None = field(default="", repr=False)
    username: str = ""
    first_name: str = ""
    last_name: str = ""
    locale: str = ""
    referral_code: str = ""
    phone: str = ""
    accepted_terms: str = ""


def register(
    account: NewAccount,
    *,
    now: datetime,
    settings: Settings,
    user_id: str = "",
    proof: Proof | None = None,
    **flags: bool,
) -> User:
    """A new user exists, holds the names, and has a student profile.

    proof: of an address or number, which counts as confirmed; it is spent just before the names are claimed, so that
    a refused value leaves it good. Without one a password is needed, unless the account awaits its activation.
    user_id: for callers that make the same account on every run. flags: is_seller, is_admin and the like.
    Raises UsernameTaken, ContactTaken (409), TokenInvalid (422), InvalidValue (422: unusable email, username, password
    or referral code), Busy (503).
    """
    account = _cleaned(account, proof)
    is_for_another = flags.get(_AWAITS, False)
    usernames = _usernames(account, may_share=is_for_another)
    password_hash = _password_hash(account, usernames[0], settings, is_needed=not (proof or is_for_another))
    referrer = referring.find_referrer(account.referral_code) if account.referral_code else None
    if proof is not None:
        _ensure_free(account, usernames, now)
        proof.use(now=now)
    user_id = user_id or new_id()
    claimed = _claim_names(user_id, account, usernames, now)
    referral_code = _claim_referral_code(user_id, now)
    if referrer is not None:
        referring.note_referral(user_id, referrer, now=now)
    user = User.create(
        id=user_id,
        username=claimed[0][1],
        email=account.email,
        email_confirmed_at=now if proof and proof.kind == names.EMAIL else None,
        phone=account.phone or None,
        phone_confirmed_at=now if account.phone else None,
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
    superusers.ensure_listed(user, now=now)
    return user


def sign_up(
    account: NewAccount, start: SessionStart, *, now: datetime, settings: Settings, proof: Proof | None = None
) -> SignedIn:
    """A new user exists and is logged in. Raises as `register`, and TermsOutdated (422)."""
    if account.accepted_terms or settings.terms_acceptance_required:
        consents.ensure_in_force(consents.TERMS, account.accepted_terms, now=now)
    user = register(account, now=now, settings=settings, proof=proof)
    if account.accepted_terms:
        answer = Answer(consents.TERMS, account.accepted_terms, True, consents.SIGN_UP, start.address)
        consents.record_answer(user, answer, now=now)
    signed_in = start_session(user, start, now=now, settings=settings)
    announcing.signed_up(user, now=now)
    return signed_in


def ensure_account(account: NewAccount, *, user_id: str, now: datetime, settings: Settings, **flags: bool) -> User:
    """The account of this fixed id exists with these flags; doing it again changes nothing."""
    user = User.find(user_id)
    if user is None:
        return register(account, now=now, settings=settings, user_id=user_id, proof=None, **flags)
    changes = {name: value for name, value in _with_implied(flags).items() if getattr(user, name) != value}
    user = user.update(**changes) if changes else user
    superusers.ensure_listed(user, now=now)
    ensure_profiles(user)
    return user


def _cleaned(account: NewAccount, proof: Proof | None) -> NewAccount:
    """The account with its email as it is compared, and with what was proved."""
    email = names.clean_email(account.email) if account.email else ""
    if proof is None or proof.kind == names.PHONE:
        return replace(account, email=email, phone=proof.value if proof else account.phone)
    if email not in ("", proof.value):
        raise InvalidValue("Another address was confirmed.", fields={"email": ["Is not the address that was proved."]})
    return replace(account, email=proof.value)


def _usernames(account: NewAccount, *, may_share: bool) -> list[str]:
    """The usernames to try, in their order: the given one; or else the email, or without one first_last.

    may_share: the email may be another's too, and then the names make the username. Not so for who signs up
    themselves: they are told, for mostly they have an account already.
    Raises InvalidValue (422) when nothing given can be a username.
    """
    if account.username:
        username = names.clean_username(account.username)
        if "@" in username and username != account.email:
            # otherwise a stranger's email could be squatted on as a username
            raise UsernameTaken("This name is taken.", details={"hint": "A username with @ must be your own email."})
        return [username]
    usernames = [account.email] if account.email else []
    if account.first_name and account.last_name and (may_share or not usernames):
        usernames.append(names.username_of(account.first_name, account.last_name))
    if not usernames:
        raise InvalidValue(
            "A username is needed.", fields={"username": ["Give a username, or your first and last name."]}
        )
    return usernames


def _password_hash(account: NewAccount, username: str, settings: Settings, *, is_needed: bool) -> str | None:
    if account.password is None or (not account.password and not is_needed):
        return None
    passwords.ensure_acceptable(account.password, username=username, email=account.email)
    return passwords.hash_password(account.password, settings)


def _ensure_free(account: NewAccount, usernames: list[str], now: datetime) -> None:
    """Refuse what is taken before a proof is spent; whoever is faster after this look still wins by the claims."""
    if account.phone and names.is_taken(names.PHONE, account.phone, now=now):
        raise _number_taken()
    if all(names.is_taken(names.USERNAME, username, now=now) for username in usernames):
        raise UsernameTaken("This name is taken.")


def _claim_names(user_id: str, account: NewAccount, usernames: list[str], now: datetime) -> list[tuple[str, str]]:
    """Claim the first free username, then the email and the number for logging in by them.

    Two people may share an email when the second has an own username; the email then logs in the first.
    """
    claimed = _claim_username(user_id, account.email, usernames, now)
    if account.email and account.email != claimed[0][1] and names.claim(names.EMAIL, account.email, user_id, now=now):
        claimed.append((names.EMAIL, account.email))
    if account.phone:
        if not names.claim(names.PHONE, account.phone, user_id, now=now):
            _release(user_id, claimed)
            raise _number_taken()
        claimed.append((names.PHONE, account.phone))
    return claimed


def _claim_username(user_id: str, email: str, usernames: list[str], now: datetime) -> list[tuple[str, str]]:
    """The username, and with it the email where both are one text: it must be free as either."""
    for username in usernames:
        wanted = [(names.USERNAME, username)] + ([(names.EMAIL, email)] if username == email else [])
        claimed: list[tuple[str, str]] = []
        for kind, value in wanted:
            if not names.claim(kind, value, user_id, now=now):
                break
            claimed.append((kind, value))
        if claimed == wanted:
            return claimed
        _release(user_id, claimed)
    raise UsernameTaken("This name is taken.")


def _release(user_id: str, claimed: list[tuple[str, str]]) -> None:
    for kind, value in claimed:
        names.release(kind, value, user_id)


def _number_taken() -> ContactTaken:
    return ContactTaken("This phone number belongs to another account.", details={"field": "phone"})


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
    referring.forget_referral(user.id)
    _release(user.id, settled)
    raise UsernameTaken("This name is taken.")


def _with_implied(flags: dict[str, bool]) -> dict[str, Any]:
    if flags.get(_AWAITS):
        return {**flags, "status": INACTIVE}
    if flags.get("is_teacher") or flags.get("is_admin") or flags.get("is_superuser"):
        return {**flags, "is_staff": True}
    return dict(flags)
