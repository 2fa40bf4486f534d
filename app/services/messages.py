"""What people are told, one function an event. They choose the channels, and never raise: the write stands already."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from app.models import Order, OrderLine, User
from app.plugins.system_message_center import Recipient, SystemMessage, deliver
from app.utils.money import to_text

log = logging.getLogger(__name__)


def _never_raises(tell: Any) -> Any:
    @wraps(tell)
    def told(*args: Any, **named: Any) -> None:
        try:
            tell(*args, **named)
        except Exception:
            log.exception("message %s failed", tell.__name__)

    return told


@_never_raises
def welcome(
    *, user_id: str, email: str, username: str, first_name: str, now: datetime, confirm_token: str = ""
) -> None:
    """A new account hears that it is ready. confirm_token: for the link that confirms its address."""
    message = SystemMessage(
        "welcome",
        key=f"welcome/{user_id}",
        recipient=Recipient(email, user_id),
        subject="Welcome to Marketplace",
        now=now,
        values={"first_name": first_name, "username": username, "confirm_token": confirm_token},
    )
    deliver(message, "mail")


@_never_raises
def role_invited(invitation: Any, *, email: str, user_id: str, now: datetime) -> None:
    """A person hears that they may work for a school or store. invitation: an `invitations.Invitation`."""
    message = SystemMessage(
        "role_invited",
        key=f"role_invited/{invitation.id}",
        recipient=Recipient(email, user_id),
        subject=f"Work for {invitation.tenant_name}",
        now=now,
        values={
            "tenant_name": invitation.tenant_name,
            "role_name": invitation.role_name,
            "token": invitation.token,
            "expires_at": instant_for_people(invitation.expires_at),
        },
    )
    deliver(message, "mail")


@_never_raises
def order_paid(order: Order) -> None:
    """The buyer has a receipt, once."""
    deliver(_order_message("order_paid", order, "Thank you for your order", order.paid_at), "mail", "socket")


@_never_raises
def order_expired(order: Order, now: datetime) -> None:
    """The buyer hears that the hold is over and that nothing was charged."""
    deliver(_order_message("order_expired", order, "Your order has expired", now), "mail")


@_never_raises
def order_reminder(order: Order, now: datetime) -> None:
    """The buyer hears, once, that the hold ends soon."""
    deliver(_order_message("order_reminder", order, "Your order is waiting for payment", now), "mail", "socket")


@_never_raises
def order_refunded(order: Order, refund_id: str, amount_cents: int, now: datetime) -> None:
    """The buyer hears that amount_cents (of the order's currency) goes back."""
    amount = money(amount_cents, order.currency)
    message = SystemMessage(
        "order_refunded",
        key=f"order_refunded/{refund_id}",
        recipient=Recipient(order.email, order.user_id),
        subject=f"{amount} is on its way back to you",
        now=now,
        values={
            "amount": amount,
            "title": order.title,
            "order_id": order.id,
        },
        payload={"id": order.id},
    )
    deliver(message, "mail", "socket")


@_never_raises
def seller_order_new(order: Order, *, seller_id: str, email: str, user_id: str, now: datetime) -> None:
    """A seller hears of a paid order: of their own lines only."""
    lines = [line for line in order.order_lines if line.seller_id == seller_id]
    message = SystemMessage(
        "seller_order_new",
        key=f"seller_order_new/{order.id}/{seller_id}",
        recipient=Recipient(email, user_id),
        subject=f"New order: {lines[0].title}" + (f" and {len(lines) - 1} more" if len(lines) > 1 else ""),
        now=now,
        values={
            "seller_name": lines[0].seller_name,
            "lines": lines_for_people(lines, order.currency),
            "total": money(sum(line.total_cents for line in lines), order.currency),
            "order_id": order.id,
            "paid_at": instant_for_people(order.paid_at or now),
        },
        payload={"id": order.id},
    )
    deliver(message, "mail", "socket")


@_never_raises
def seller_digest(digest: Any, *, email: str, user_id: str, now: datetime) -> None:
    """A seller hears once what one day (UTC) brought. digest: a `message_jobs.Digest`."""
    day = f"{digest.day:%A}, {digest.day.day} {digest.day:%B}"
    message = SystemMessage(
        "seller_digest",
        key=f"seller_digest/{digest.seller_id}/{digest.day.isoformat()}",
        recipient=Recipient(email, user_id),
        subject=f"{digest.seller_name}: {digest.order_count} paid order{'s' * (digest.order_count != 1)}",
        now=now,
        values={
            "seller_name": digest.seller_name,
            "day": day,
            "order_count": digest.order_count,
            "item_count": digest.item_count,
            "best": [{"title": title, "quantity": quantity} for title, quantity in digest.best],
            "totals": [money(cents, currency) for currency, cents in sorted(digest.totals.items())],
        },
    )
    deliver(message, "mail")


def _order_message(event: str, order: Order, subject: str, now: datetime | None) -> SystemMessage:
    told_at = now or order.changed_at
    return SystemMessage(
        event,
        key=f"{event}/{order.id}",
        recipient=Recipient(order.email, order.user_id),
        subject=subject,
        now=told_at,
        values={
            "lines": lines_for_people(order.order_lines, order.currency),
            "total": money(order.total_cents, order.currency),
            "order_id": order.id,
            "paid_at": instant_for_people(order.paid_at or told_at),
            "expires_at": instant_for_people(order.expires_at),
        },
        payload={"id": order.id},
    )


def lines_for_people(lines: Sequence[OrderLine], currency: str) -> list[dict[str, Any]]:
    return [
        {
            "title": line.title,
            "seller": line.seller_name,
            "quantity": line.quantity,
            "unit_price": money(line.unit_price_cents, currency),
            "total": money(line.total_cents, currency),
        }
        for line in lines
    ]


def money(cents: int, currency: str) -> str:
    """Minor units as people read them: "59.97 USD"."""
    return f"{to_text(cents, currency)} {currency}"


def instant_for_people(instant: datetime) -> str:
    """Such as "21 November 2026, 10:30 UTC"."""
    moment = instant.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


@_never_raises
def factor_added(user: User, what: str, *, key: str, now: datetime) -> None:
    """A person hears that there is a new way to prove themselves. what: begins a sentence; key: of this addition."""
    deliver(_factor_message("factor_added", user, f"{what} was added to your account", key, now, what=what), "mail")


@_never_raises
def factor_removed(user: User, what: str, *, key: str, now: datetime) -> None:
    """A person hears that a way to prove themselves is gone. what: begins a sentence; key: of this removal."""
    deliver(
        _factor_message("factor_removed", user, f"{what} was removed from your account", key, now, what=what), "mail"
    )


@_never_raises
def recovery_code_used(user: User, *, left: int, key: str, now: datetime) -> None:
    """A person hears that a recovery code opened their account, and how many are left."""
    subject = "A recovery code was used for your account"
    deliver(_factor_message("recovery_code_used", user, subject, key, now, left=left), "mail")


@_never_raises
def passkey_locked(user: User, *, name: str, key: str, now: datetime) -> None:
    """A person hears that somebody may have a copy of a passkey, which opens nothing any more."""
    subject = "We have locked one of your passkeys"
    deliver(_factor_message("passkey_locked", user, subject, key, now, name=name), "mail")


def _factor_message(event: str, user: User, subject: str, key: str, now: datetime, **values: Any) -> SystemMessage:
    return SystemMessage(
        event,
        key=f"{event}/{user.id}/{key}",
        recipient=Recipient(user.email, user.id),
        subject=subject,
        now=now,
        values={"first_name": user.first_name or "", "at": instant_for_people(now), **values},
    )
