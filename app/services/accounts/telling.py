"""What people are told about their own accounts. Telling never raises: what it tells of stands already."""

from datetime import datetime
from typing import Any

from app.env import Settings
from app.plugins.system_message_center import Recipient, SystemMessage, deliver
from app.services.messages import instant_for_people


def email_to_confirm(email: str, *, change_id: str, token: str, settings: Settings, now: datetime) -> None:
    """The new address hears that it has to be confirmed; only there is the token."""
    link = f"{settings.site_url}/account/email#token={token}"
    _mail("email_to_confirm", change_id, email, "Please confirm your new address", now, link=link)


def email_in_use(email: str, *, change_id: str, now: datetime) -> None:
    """The owner of an address hears that another account wanted it, and nothing about that account."""
    _mail("email_in_use", change_id, email, "Somebody wanted to use your address", now)


def contact_changing(email: str, *, kind: str, change_id: str, token: str, settings: Settings, now: datetime) -> None:
    """The old end hears that the email or phone (`kind`) is to change, with the link that undoes it."""
    link = f"{settings.site_url}/account/undo#token={token}"
    what = {"email": "mail address", "phone": "phone number"}[kind]
    subject = f"The {what} of your account is being changed"
    _mail("contact_changing", change_id, email, subject, now, link=link, what=what, at=instant_for_people(now))


def contact_restored(email: str, *, kind: str, change_id: str, settings: Settings, now: datetime) -> None:
    """The person hears that a change was undone and that all logins were ended."""
    what = {"email": "mail address", "phone": "phone number"}[kind]
    link = f"{settings.site_url}/user/forgot-password"
    _mail("contact_restored", change_id, email, f"The {what} of your account was restored", now, what=what, link=link)


def identity_decided(email: str, *, case_id: str, is_approved: bool, reason: str, now: datetime) -> None:
    """The person hears whether their document was accepted, and why not."""
    subject = "Your identity is confirmed" if is_approved else "Your document could not be accepted"
    _mail("identity_decided", case_id, email, subject, now, is_approved=is_approved, reason=reason)


def export_ready(email: str, *, export_id: str, expires_at: datetime, settings: Settings, now: datetime) -> None:
    """The person hears that the copy of their data can be fetched, by logging in: nothing secret is in the mail."""
    link = f"{settings.site_url}/account/privacy"
    until = instant_for_people(expires_at)
    _mail("export_ready", export_id, email, "The copy of your data is ready", now, link=link, until=until)


def account_closing(email: str, *, user_id: str, now: datetime) -> None:
    """The person hears that the account is closed and what is kept; the last mail they get."""
    _mail("account_closing", user_id, email, "Your account is closed", now)


def _mail(event: str, key: str, email: str, subject: str, now: datetime, /, **values: Any) -> None:
    message = SystemMessage(
        event, key=f"{event}/{key}", recipient=Recipient(email), subject=subject, now=now, values=values
    )
    deliver(message, "mail")
