"""A new password: by who knows the old one, or by who reads the account's mail.

Asking for a reset does the same for every address: it is counted, looked up, a token is issued and a mail rendered and
queued. For an address without an account, or one that asks too often, the token is nobody's and the mail has expired
when it is queued, so the job drops it.
"""

from datetime import datetime, timedelta

from app.env import Settings
from app.models.accounts import ACTIVE, User
from app.services.accounts import activation, attempts, confirming, contacts, letters, names, one_time, passwords
from app.services.accounts.rights import Identity
from app.services.accounts.sessions import end_all_sessions, ensure_proved, mark_proved
from app.services.accounts.tokens import is_same_secret, secret_hash
from app.utils.errors import DomainError
from app.utils.security_log import note

LINK_LIVES = timedelta(hours=1)
REQUESTS = attempts.Limit(5, timedelta(hours=1))
_TOKEN = "password-reset"


class WrongPassword(DomainError):
    """The old password is another one (403)."""

    code, status = "wrong_password", 403


def change_password(identity: Identity, old: str | None, new: str, *, now: datetime, settings: Settings) -> None:
    """The password is `new`; other sessions have ended, links for a reset are void, and the person is told.

    old: left out by who has none yet; then the last proof of who asks must be recent.
    Raises WrongPassword, ProofRequired (403), InvalidValue (422), TooManyAttempts (429), Busy (503).
    """
    user = identity.user
    if user.password_hash is None and old is None:
        ensure_proved(identity, now=now, settings=settings)
    else:
        with attempts.counted(attempts.for_proofs(user.id, settings), now=now):
            if not passwords.verify_password(old or "", user.password_hash, settings, is_known=True):
                note("factor.refused", user=user.id, factor="password")
                raise WrongPassword("The old password is not right.")
    passwords.ensure_acceptable(new, username=user.username, email=user.email or "")
    user = user.update(password_hash=passwords.hash_password(new, settings, is_known=True))
    end_all_sessions(user.id, now=now, keep=identity.session_id)
    mark_proved(identity, now=now)
    note("password.changed", user=user.id)
    letters.password_changed(user, now=now)


def request_reset(identifier: str, *, now: datetime) -> None:
    """Whoever has this email (or username) and an address has a link on the way, good for an hour.

    An account that awaits its activation has its activation link instead. Never refuses: five times an hour a link is
    sent, after that nothing is.
    """
    is_allowed = _is_allowed(identifier, now)
    found = User.find(names.find_holder(identifier) or names.NOBODY)
    if is_allowed and found is not None and activation.is_awaited(found):
        activation.send_link(found, now=now)
        return
    user = found if is_allowed and found is not None and found.email and found.status == ACTIVE else None
    token = one_time.issue(
        _TOKEN,
        user.id if user else names.NOBODY,
        lives=LINK_LIVES,
        now=now,
        email=secret_hash(user.email or "" if user else ""),
        password=_fingerprint(user),
    )
    note("password.reset_asked", user=user.id if user else "")
    letters.password_reset(user, token, now=now, expires_at=now + LINK_LIVES)


def confirm_reset(token: str, new: str, *, now: datetime, settings: Settings) -> None:
    """The password is `new`, every session and every change of contact that waits has ended, failed logins are
    forgotten, and the person is told.

    The link came by mail, so the address counts as confirmed. A refused password leaves the token good.
    Raises TokenInvalid (422: also after any other change of the password), InvalidValue (422), Busy (503).
    """
    issued = one_time.peek(_TOKEN, token, now=now)
    user = User.find(issued.subject)
    if user is None or not is_same_secret(_fingerprint(user), issued.payload["password"]) or user.status != ACTIVE:
        raise one_time.TokenInvalid("This link is not valid any more. Please ask for a new one.")
    passwords.ensure_acceptable(new, username=user.username, email=user.email or "")
    password_hash = passwords.hash_password(new, settings, is_known=True)
    one_time.redeem(_TOKEN, token, now=now)
    if secret_hash(user.email or "") == issued.payload["email"] and not user.email_confirmed_at:
        user = confirming.void_unproven(user, now=now)
    user = user.update(password_hash=password_hash)
    end_all_sessions(user.id, now=now)
    contacts.void_pending(user.id, now=now)  # now that nobody is logged in who could ask for another
    for name in {user.username, user.email or user.username}:
        attempts.forget_attempts(name)
    note("password.reset", user=user.id)
    letters.password_changed(user, now=now)


def _is_allowed(identifier: str, now: datetime) -> bool:
    try:
        attempts.count_request("password-reset", identifier, REQUESTS, now=now)
    except attempts.AskedTooOften:
        return False
    return True


def _fingerprint(user: User | None) -> str:
    """What a token remembers of the password, so that any change of it voids the token."""
    return secret_hash(user.password_hash or "" if user else "")
