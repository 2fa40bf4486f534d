"""What people are told about their own account. Each goes by mail, or to the phone of who has no mail address.

Links carry their token behind `#`, which browsers send to nobody: it stands in no log and no Referer. A letter with a
token or code expires with it, and so does its text in the queue.
"""

from datetime import datetime
from typing import Any

from app.models.accounts import User
from app.plugins.system_message_center import Recipient, SystemMessage, deliver
from app.services.accounts import names
from app.services.messages import instant_for_people
from app.utils.clock import microseconds
from app.utils.ids import new_id

NOWHERE = Recipient(email="nobody@localhost", user_id=names.NOBODY)
"""Whom the letters are for that are made for the work's sake only; they have expired when they are queued."""

_CHANNELS = {names.EMAIL: "mail", names.PHONE: "sms"}


def sign_in_code(kind: str, value: str, code: str, purpose: str, *, now: datetime, expires_at: datetime) -> None:
    """Whoever reads mails or texts sent to this address or number has the code."""
    recipient = Recipient(email=value) if kind == names.EMAIL else Recipient(phone=value)
    message = SystemMessage(
        "sign_in_code",
        key=f"sign_in_code/{new_id()}",
        recipient=recipient,
        subject="Your code to log in" if purpose == "login" else "Your code to sign up",
        now=now,
        values={"code": code, "purpose": purpose, "minutes": round((expires_at - now).total_seconds() / 60)},
        expires_at=expires_at,
    )
    deliver(message, _CHANNELS[kind])


def confirm_email(user: User, token: str, *, now: datetime, expires_at: datetime) -> None:
    """The user has the link by which an address is confirmed."""
    values = {"first_name": names.greeting(user.first_name), "token": token}
    _tell(user, "confirm_email", "Please confirm your email address", now=now, expires_at=expires_at, values=values)


def password_changed(user: User, *, now: datetime) -> None:
    """The user hears that the password is another one, and what to do if somebody else did it."""
    _tell(user, "password_changed", "Your password was changed", now=now)


def password_removed(user: User, *, now: datetime) -> None:
    """The user hears that a password set before the address was confirmed is not valid any more."""
    _tell(user, "password_removed", "Please choose a new password", now=now)


def factors_reset(user: User, *, now: datetime) -> None:
    """The user hears that support has taken the second factor off, and what to do if they had not asked for it."""
    values = {"first_name": names.greeting(user.first_name), "at": instant_for_people(now)}
    _tell(user, "factors_reset", "Your second factor was removed", now=now, values=values)


def new_device(user: User, device: str, *, now: datetime) -> None:
    """The user hears of a login from where they have not logged in before, and where to end it."""
    values = {"first_name": names.greeting(user.first_name), "device": device, "at": instant_for_people(now)}
    _tell(user, "new_device", f"A login from {device}", now=now, values=values)


def logins_failing(user: User | None, *, has_first_factor: bool = False, now: datetime) -> None:
    """The user hears that somebody tries to log in as them; for nobody the same work is done and nothing is sent."""
    values = {
        "first_name": names.greeting(user.first_name) if user else "",
        "has_first_factor": has_first_factor,
        "at": instant_for_people(now),
    }
    end = None if user else now
    _tell(user, "logins_failing", "Somebody tries to log in to your account", now=now, expires_at=end, values=values)


def password_reset(user: User | None, token: str, *, now: datetime, expires_at: datetime) -> None:
    """The user has the link by which a password is reset; for nobody the same work is done and nothing is sent."""
    values = {"username": user.username if user else "", "token": token}
    end = expires_at if user else now
    _tell(user, "password_reset", "Choose a new password", now=now, expires_at=end, values=values)


def account_activation(user: User, token: str, *, now: datetime, expires_at: datetime) -> None:
    """The user has the link by which an account made without a password becomes theirs."""
    values = {"first_name": names.greeting(user.first_name), "username": user.username, "token": token}
    _tell(user, "account_activation", "Your account is waiting for you", now=now, expires_at=expires_at, values=values)


def _tell(
    user: User | None,
    event: str,
    subject: str,
    *,
    now: datetime,
    expires_at: datetime | None = None,
    values: dict[str, Any] | None = None,
) -> None:
    recipient = Recipient(user.email or "", user.id, user.phone or "") if user else NOWHERE
    message = SystemMessage(
        event,
        key=f"{event}/{recipient.user_id}/{microseconds(now)}/{new_id()}",
        recipient=recipient,
        subject=subject,
        now=now,
        values=values or {},
        expires_at=expires_at,
    )
    deliver(message, "mail" if recipient.email else "sms")
