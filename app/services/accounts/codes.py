"""One-time codes: who reads what is sent to an address or a number has proved to hold it.

Asking for a code and entering it never look at accounts: a code goes to whatever address or number was named, so the
answers, and the work behind them, are the same by construction. Whether there is an account is told only to who has
proved to hold the identifier, by the calls that take the verification token.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.env import Settings
from app.models.accounts import LoginCode, User
from app.plugins import vault
from app.plugins.vault import SealBroken
from app.services.accounts import attempts, confirming, letters, names, one_time
from app.services.accounts.login import complete_login
from app.services.accounts.phones import clean_phone
from app.services.accounts.rights import Identity, ensure_active
from app.services.accounts.sessions import SessionStart, SignedIn, mark_proved
from app.services.accounts.tokens import keyed_hash
from app.utils.errors import DomainError, InvalidValue, NotFound
from app.utils.security_log import note

LOGIN, REGISTER = "login", "register"
PURPOSES = (LOGIN, REGISTER)
CODE_LIVES = timedelta(minutes=5)
PROOF_LIVES = timedelta(minutes=10)
WRONG_TRIES = 5
REQUESTS = attempts.Limit(5, timedelta(hours=1))
_TOKEN = "identifier-proof"


class CodeWrong(DomainError):
    """The code is wrong, too old, was used, or none was asked for; never said which (422)."""

    code, status = "code_wrong", 422


class CodeDead(DomainError):
    """Too many wrong codes were entered: the right one is not good any more either (429)."""

    code, status = "code_dead", 429


class NoAccount(DomainError):
    """Nobody signed up with the address or number that was just proved (404); the proof is still good to sign up."""

    code, status = "no_account", 404


@dataclass(frozen=True, slots=True)
class Proof:
    """An address or number that somebody has proved to hold. kind: names.EMAIL or names.PHONE; value: cleaned."""

    kind: str
    value: str
    token: str = field(repr=False)

    def use(self, *, now: datetime) -> None:
        """The proof is spent; of any number of calls one gets through. Raises TokenInvalid (422)."""
        one_time.redeem(_TOKEN, self.token, now=now)


def send_code(identifier: str, purpose: str, *, now: datetime, settings: Settings) -> None:
    """A new code is on its way to the address or number; an earlier one is dead.

    purpose: one of PURPOSES; what the code is good for, and what the message says that it is for.
    Raises InvalidValue (422), AskedTooOften (429).
    """
    kind, value = _read(identifier, settings)
    attempts.count_request("code", value, REQUESTS, now=now)
    code = f"{secrets.randbelow(10**6):06d}"
    expires_at = now + CODE_LIVES
    key = keyed_hash("identifier", value, settings)
    values: dict[str, Any] = {
        "code_hash": _code_hash(purpose, value, code, expires_at, settings=settings),
        "wrong_tries": 0,
        "expires_at": expires_at,
        "used_at": None,
    }
    row, is_new = LoginCode.create_if_absent(identifier_hash=key, **values)
    if not is_new:
        LoginCode.change(row.key, lambda _: dict(values), row)
    letters.sign_in_code(kind, value, code, purpose, now=now, expires_at=expires_at)


def verify_code(identifier: str, code: str, *, now: datetime, settings: Settings) -> str:
    """The code is used, and the identifier proved: a token for one login or sign-up within PROOF_LIVES.

    A wrong try is written down, conditionally, before it is answered: of any number of parallel guesses WRONG_TRIES
    are answered as wrong ones. Raises InvalidValue, CodeWrong (422), CodeDead (429), ConcurrentChange (409).
    """
    kind, value = _read(identifier, settings)

    def purpose_of(row: LoginCode) -> str | None:
        hashes = {purpose: _code_hash(purpose, value, code, row.expires_at, settings=settings) for purpose in PURPOSES}
        return next((name for name, made in hashes.items() if hmac.compare_digest(made, row.code_hash)), None)

    def decide(row: LoginCode) -> dict[str, Any]:
        wrong_tries = row.wrong_tries or 0
        if not row.is_good(now):
            raise _code_wrong()
        if wrong_tries >= WRONG_TRIES:
            raise _code_dead(row, now)
        return {"used_at": now} if purpose_of(row) else {"wrong_tries": wrong_tries + 1}

    try:
        row = LoginCode.change((keyed_hash("identifier", value, settings),), decide)
    except NotFound:
        raise _code_wrong() from None
    purpose = purpose_of(row)
    if purpose is None:
        raise _code_wrong()
    sealed = vault.seal(settings, _TOKEN, value.encode()).decode()
    return one_time.issue(_TOKEN, sealed, lives=PROOF_LIVES, now=now, kind=kind, asked_for=purpose)


def read_proof(token: str, *purposes: str, now: datetime, settings: Settings) -> Proof:
    """What the token proves; it stays good. A code asked for with another purpose proves nothing here: its message
    said something else. Raises TokenInvalid (422), also when the key it was sealed with is gone."""
    issued = one_time.peek(_TOKEN, token, now=now)
    if issued.payload["asked_for"] not in purposes:
        raise one_time.TokenInvalid("This code was asked for with another purpose. Please ask for a new one.")
    try:
        value = vault.unseal(settings, _TOKEN, issued.subject.encode()).decode()
    except SealBroken:
        raise one_time.TokenInvalid("This code is not valid any more. Please ask for a new one.") from None
    return Proof(issued.payload["kind"], value, token)


def sign_up_proof(token: str, *, now: datetime, settings: Settings) -> Proof:
    """What the token proves for a sign-up. A code that was asked for to log in serves as well: where there is no
    account yet, there is nothing that it could open. Raises TokenInvalid (422)."""
    return read_proof(token, LOGIN, REGISTER, now=now, settings=settings)


def log_in_by_code(
    token: str, start: SessionStart, *, replaces: str | None, now: datetime, settings: Settings
) -> SignedIn:
    """A new session for who holds the proved address or number; the cookie it `replaces` is dead.

    Raises NoAccount (404), UserInactive (403), both with the token still good, and TokenInvalid (422).
    """
    proof = read_proof(token, LOGIN, now=now, settings=settings)
    user = _holder(proof)
    if user is None:
        raise NoAccount("There is no account with this yet. You can sign up with it.")
    ensure_active(user)
    proof.use(now=now)
    note("factor.accepted", user=user.id, factor=proof.kind)
    user = confirming.note_proof(user, proof.kind, now=now)
    return complete_login(user, start, replaces=replaces, now=now, settings=settings)


def prove_by_code(identity: Identity, token: str, *, now: datetime, settings: Settings) -> None:
    """The session counts as proved from now on. Raises TokenInvalid (422), for another's address or number too."""
    proof = read_proof(token, LOGIN, now=now, settings=settings)
    holder = _holder(proof)
    if holder is None or holder.id != identity.id:
        raise one_time.TokenInvalid("This code is not for an address or number of your account.")
    proof.use(now=now)
    note("factor.accepted", user=identity.id, factor=proof.kind)
    mark_proved(identity, now=now)


def _holder(proof: Proof) -> User | None:
    """Who logs in by this. A number that was only typed into a profile lets nobody in, or it could be a trap for its
    real owner."""
    user = User.find(names.holder_of(proof.kind, proof.value) or names.NOBODY)
    if user is not None and proof.kind == names.PHONE and user.phone_confirmed_at is None:
        return None
    return user


def _read(identifier: str, settings: Settings) -> tuple[str, str]:
    """Kind and cleaned value of what was typed: with an @ an email address, else a phone number."""
    try:
        if "@" in identifier:
            return names.EMAIL, names.clean_email(identifier)
        return names.PHONE, clean_phone(identifier, country=settings.default_country)
    except InvalidValue as fault:
        texts = [text for field_texts in fault.fields.values() for text in field_texts]
        raise InvalidValue(fault.message, fields={"identifier": texts}) from None


def _code_hash(purpose: str, value: str, code: str, expires_at: datetime, *, settings: Settings) -> str:
    return keyed_hash("code", f"{purpose} {value} {code} {expires_at.isoformat()}", settings)


def _code_wrong() -> CodeWrong:
    text = "This code is wrong or not valid any more."
    return CodeWrong(text, fields={"code": [text]})


def _code_dead(row: LoginCode, now: datetime) -> CodeDead:
    wait_seconds = max(1, round((row.expires_at - now).total_seconds()))
    return CodeDead(
        "Too many wrong codes were entered. Please ask for a new one.", details={"retry_after_seconds": wait_seconds}
    )
