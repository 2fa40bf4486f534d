"""Names only one user may hold: usernames, emails for login, phones, referral codes.

The steps of taking a name: `claim` (conditional), write the user row that carries it, `settle`. A process that dies
between them leaves an unsettled claim; whoever wants the name a minute later looks whether its holder carries it.
"""

import re
import unicodedata
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from app.models.accounts import LoginName, User
from app.utils.errors import ConcurrentChange, InvalidValue, NotFound

USERNAME, EMAIL, PHONE, REFERRAL = "username", "email", "phone", "referral"
NOBODY = "0" * 27
"""An id that no user has; looking it up costs what looking up a user costs."""
ABANDONED_AFTER = timedelta(minutes=1)

USERNAME_PATTERN = r"""[^\s\x00-\x1f\x7f:/\\<>"']{3,150}"""
_ATOM = r"""[^\s\x00-\x1f\x7f@.,;:<>()\[\]"\\]+"""
EMAIL_PATTERN = rf"{_ATOM}(?:\.{_ATOM})*@(?:[\w-]{{1,63}}\.)*[\w-]{{1,63}}"

_COLUMN_OF = {USERNAME: "username", EMAIL: "email", PHONE: "phone", REFERRAL: "referral_code"}
_USERNAME = re.compile(USERNAME_PATTERN)
_GREETING = re.compile(r"[^\W\d_](?:[^\W\d_]|[ '’-]){0,39}")
_EMAIL = re.compile(EMAIL_PATTERN)


def clean_username(text: str) -> str:
    """The username as it is compared: NFKC, casefolded. Raises InvalidValue (422) for an unusable one."""
    name = unicodedata.normalize("NFKC", text).strip().casefold()
    if not _USERNAME.fullmatch(name):
        raise InvalidValue(
            "This username cannot be used.",
            fields={"username": ["Must have 3 to 150 characters without spaces, quotes, slashes or colons."]},
        )
    return name


def clean_email(text: str) -> str:
    """The email as it is compared: NFKC, casefolded. Raises InvalidValue (422) when it is none."""
    email = unicodedata.normalize("NFKC", text).strip().casefold()
    if len(email) > 191 or not _EMAIL.fullmatch(email):
        raise InvalidValue("This is no email address.", fields={"email": ["Must be an email address."]})
    return email


def name_key(kind: str, value: str) -> str:
    """The key under which a cleaned value is kept."""
    return f"{kind}:{value}"


def find_holder(identifier: str) -> str | None:
    """The id of the user who logs in with this username or email, or None; always one read of two keys.

    A held name (see `hold`) counts only while its user still carries it, which costs one read more.
    """
    text = unicodedata.normalize("NFKC", identifier).strip().casefold()
    kind_of = {name_key(kind, text): kind for kind in (USERNAME, EMAIL)}
    found = {kind_of[row.name]: row for row in LoginName.find_many(list(kind_of))}
    for kind in (USERNAME, EMAIL):
        row = found.get(kind)
        if row is not None and counts_for_holder(row, kind, text):
            return row.user_id
    return None


def counts_for_holder(row: LoginName, kind: str, value: str) -> bool:
    """Whether whoever proves to own this name is let in as its holder: not by a name that was given up and is held."""
    return row.held_until is None or _is_carried(kind, value, row.user_id)


def username_of(first_name: str, last_name: str) -> str:
    """The username of somebody who gave none: first_last, as usernames are compared. Raises InvalidValue (422)."""
    return clean_username("_".join(f"{first_name} {last_name}".split()))


def greeting(first_name: str | None) -> str:
    """The first name as a mail to an address may call it that nobody has proved yet; empty when it is none.

    Otherwise anybody could sign up a stranger's address and have us mail their words and links to it.
    """
    name = (first_name or "").strip()
    return name if _GREETING.fullmatch(name) else ""


def is_taken(kind: str, value: str, *, now: datetime) -> bool:
    """Whether somebody holds this cleaned name, as far as a look can tell; only `claim` decides."""
    row = LoginName.find(name_key(kind, value))
    return row is not None and _is_firm(row, now)


def holder_of(kind: str, value: str) -> str | None:
    """The id of the user who holds this cleaned name, or None; a name that was given up and is held lets nobody in."""
    row = LoginName.find(name_key(kind, value))
    return row.user_id if row is not None and counts_for_holder(row, kind, value) else None


def claim(kind: str, value: str, user_id: str, *, now: datetime) -> bool:
    """The name is this user's, unsettled, and True; or another's, and False.

    An abandoned claim (unsettled for a minute, or held for longer than it was to be, its holder not carrying the
    name) is taken over.
    """
    row, is_new = LoginName.create_if_absent(
        name=name_key(kind, value), user_id=user_id, claimed_at=now, is_settled=False
    )
    if is_new or row.user_id == user_id:
        return True
    if _is_firm(row, now):
        return False
    try:
        if _is_carried(kind, value, row.user_id):
            row.update_if_unchanged(is_settled=True, held_until=None)
            return False
        row.update_if_unchanged(user_id=user_id, claimed_at=now, is_settled=False, held_until=None)
    except ConcurrentChange:
        return False
    return True


def settle(kind: str, value: str, user_id: str) -> bool:
    """The claim is final and True; or it was taken over meanwhile, and False: the user must not carry the name."""

    def decide(found: LoginName) -> dict[str, Any] | None:
        is_final = found.is_settled and found.held_until is None
        return None if found.user_id != user_id or is_final else {"is_settled": True, "held_until": None}

    try:
        return LoginName.change((name_key(kind, value),), decide).user_id == user_id
    except NotFound:
        return False


def loosen(kind: str, value: str, user_id: str, *, now: datetime) -> None:
    """The name can be taken over a minute from `now` unless the user still carries it then."""

    def decide(found: LoginName) -> dict[str, Any] | None:
        return {"is_settled": False, "claimed_at": now} if found.user_id == user_id else None

    with suppress(NotFound):
        LoginName.change((name_key(kind, value),), decide)


def hold(kind: str, value: str, user_id: str, *, until: datetime) -> None:
    """The name stays this user's until then though they give it up, so that they can have it back; see `claim`.

    Call it before the user row stops carrying the name: a process that dies between has changed nothing.
    """

    def decide(found: LoginName) -> dict[str, Any] | None:
        return {"is_settled": True, "held_until": until} if found.user_id == user_id else None

    with suppress(NotFound):
        LoginName.change((name_key(kind, value),), decide)


def release(kind: str, value: str, user_id: str) -> None:
    """The name is free again, if it was this user's."""
    row = LoginName.find_serial(name_key(kind, value))
    if row and row.user_id == user_id:
        with suppress(ConcurrentChange):  # an abandoned claim may be taken over: then it is not ours to free
            row.delete_if_unchanged()


def is_anothers(kind: str, value: str, user_id: str, *, now: datetime) -> bool:
    """Whether somebody else has this name as far as one read tells; `claim` decides."""
    row = LoginName.find(name_key(kind, value))
    return row is not None and row.user_id != user_id and _is_firm(row, now)


def _is_firm(row: LoginName, now: datetime) -> bool:
    """Whether a claim stands without looking at its holder."""
    if row.is_settled:
        return row.held_until is None or now < row.held_until
    return now - row.claimed_at < ABANDONED_AFTER


def _is_carried(kind: str, value: str, user_id: str) -> bool:
    user = User.find(user_id)
    return user is not None and getattr(user, _COLUMN_OF[kind]) == value
