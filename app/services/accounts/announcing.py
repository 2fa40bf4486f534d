"""What follows when somebody has joined. The account stands already; nothing here can undo it."""

from datetime import datetime

from app.models.accounts import User
from app.services import messages
from app.services.accounts import confirming, names


def signed_up(user: User, *, now: datetime) -> None:
    """The event `signed_up`: a person made an account of their own, and hears that it is ready.

    Whatever else a sign-up brings, such as points, begins here; it is keyed by the user's id, so that it comes once.
    The welcome carries the link by which an address is confirmed that has not been proved yet.
    """
    needs_link = bool(user.email and not user.email_confirmed_at)
    messages.welcome(
        user_id=user.id,
        email=user.email or "",
        username=user.username,
        first_name=names.greeting(user.first_name),
        now=now,
        confirm_token=confirming.new_link_token(user, now=now) if needs_link else "",
    )
