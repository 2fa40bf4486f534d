"""What buying, selling and messages keep on a person. Money rows stay: under the account's id, without its person."""

import json
from typing import Any

from app.models import (
    AdminLog,
    Cart,
    CourseEnrollment,
    IdempotencyRecord,
    ImportRun,
    Order,
    OrderClaim,
    OwnedSeller,
    Payment,
    SandboxCharge,
    School,
    Store,
)
from app.plugins import mail
from app.plugins.mail import MailDelivery, OutgoingMail
from app.plugins.mail.tables import MailOfRecipient
from app.services import stores
from app.services.cart.lines import owner_of_user
from app.services.catalog import items as catalog_items
from app.services.catalog import stock
from app.services.privacy.parts import (
    Kept,
    NotYet,
    Part,
    Subject,
    change_if_there,
    found_by,
    own_rows,
    placeholder_email,
    remove,
    rows_of,
    shown,
)

OPEN_STATUSES = ("reserving", "pending", "refunding")
_ORDER_COLUMNS = (
    "id", "status", "email", "title", "currency", "subtotal_cents", "discount_cents", "credit_cents", "tax_cents",
    "total_cents", "coupon", "note", "provider", "placed_at", "paid_at", "cancelled_at",
)  # fmt: skip
_PAYMENT_COLUMNS = (
    "id", "related_kind", "related_id", "provider", "provider_ref", "status", "amount_cents", "captured_cents",
    "refunded_cents", "currency", "requested_at", "settled_at",
)  # fmt: skip
_ENROLLMENT_COLUMNS = ("course_id", "order_id", "status", "title", "price_cents", "currency", "enrolled_at")
_SELLER_COLUMNS = ("id", "name", "tagline", "description", "city", "country", "address", "phone", "email", "is_active")
_SELLER_BLANKED: dict[str, Any] = {"is_active": False, **dict.fromkeys(("city", "address", "phone", "email"))}
_LOG_COLUMNS = ("at", "action", "kind", "reason")
_MONEY = "What was sold, for how much, when and how it was paid: books are kept for as long as tax law says."


def open_orders(user_id: str) -> list[Order]:
    """The orders of a buyer that are neither settled nor given up. Raises SearchUnavailable (503)."""
    return _still_open(found_by(Order, "user_id", user_id, statuses=OPEN_STATUSES))


def open_sales(user_id: str) -> list[Order]:
    """The same of those who bought from this person's own schools and stores. Raises SearchUnavailable (503)."""
    owned = [seller.id for seller in stores.owned_sellers(user_id)]
    sold = [order for seller_id in owned for order in found_by(Order, "seller_ids", seller_id, statuses=OPEN_STATUSES)]
    return _still_open(list({order.id: order for order in sold}.values()))


def _still_open(orders: list[Order]) -> list[Order]:
    """Those of them whose row says so too."""
    return [order for order in orders if order.status in OPEN_STATUSES]


def _export_orders(subject: Subject) -> Kept:
    orders = sorted(found_by(Order, "user_id", subject.id), key=lambda order: order.id)
    return Kept([
        shown(order, _ORDER_COLUMNS) | {"billing": order.billing_address, "lines": json.loads(order.lines)}
        for order in orders
    ])  # fmt: skip


def _erase_orders(subject: Subject) -> None:
    """Orders and the sandbox's own books lose the buyer's address and words. Raises NotYet while one is open."""
    if open_orders(subject.id):
        raise NotYet("An order is not settled yet.")
    for order in found_by(Order, "user_id", subject.id):
        email = placeholder_email(subject.id)
        change_if_there(Order, order.key, {"email": email, "billing": "{}", "note": ""})
        for payment_id in order.payment_ids or ():
            change_if_there(SandboxCharge, (payment_id,), {"email": email})


def _export_payments(subject: Subject) -> Kept:
    return Kept([shown(row, _PAYMENT_COLUMNS) for row in found_by(Payment, "user_id", subject.id)])


def _export_enrollments(subject: Subject) -> Kept:
    return Kept([shown(row, _ENROLLMENT_COLUMNS) for row in found_by(CourseEnrollment, "user_id", subject.id)])


def _export_cart(subject: Subject) -> Kept:
    cart = Cart.find(owner_of_user(subject.id))
    return Kept(json.loads(cart.content)["lines"] if cart else [])


def _erase_cart(subject: Subject) -> None:
    for row in rows_of(Cart, owner=owner_of_user(subject.id)):
        remove(row)


def _export_sellers(subject: Subject) -> Kept:
    return Kept([shown(seller, _SELLER_COLUMNS) for seller in stores.owned_sellers(subject.id)])


def _erase_sellers(subject: Subject) -> None:
    """Own schools and stores are closed, their goods off sale. Raises NotYet while a sale there is not settled."""
    if open_sales(subject.id):
        raise NotYet("A sale is not settled yet.")
    for row in rows_of(OwnedSeller, user_id=subject.id):
        seller = stores.SELLER_KINDS[row.seller_kind].find(row.seller_id)
        if seller is not None and seller.owner_id == subject.id:
            for item in _items_of(seller.id):
                catalog_items.delete_item(item)
            seller.update(**_SELLER_BLANKED)
        row.delete()


def _items_of(seller_id: str) -> list[Any]:
    found = [item for model in stock.KINDS.values() for item in found_by(model, "seller_id", seller_id)]
    return [item for item in found if item.status not in ("deleted", "archived")]


def _export_mails(subject: Subject) -> Kept:
    return Kept([shown_mail(kept) for recipient in subject.emails for kept in mail.mails_to(recipient)])


def shown_mail(kept: mail.KeptMail) -> dict[str, Any]:
    """A mail as the archive lists it."""
    return shown(kept, ("subject", "state", "queued_at", "sent_at"))  # type: ignore[arg-type]


def _erase_mails(subject: Subject) -> None:
    """No mail waits or is listed. Raises NotYet, for a day at most, while the last one is on its way."""
    if mail.is_waiting(f"account_closing/{subject.id}", subject.now):
        raise NotYet("The last mail is not sent yet.")
    for recipient in subject.emails:
        mail.forget(recipient, subject.settings.data_folder / "mail")


def _export_log(subject: Subject) -> Kept:
    return Kept([shown(entry, _LOG_COLUMNS) for entry in found_by(AdminLog, "subject_id", subject.id)])


def _nothing(subject: Subject) -> Kept:
    return Kept([])


def _leave(subject: Subject) -> None:
    """The rows stay, as the part says."""


PARTS: tuple[Part, ...] = (
    Part(
        "orders",
        {Order: ("user_id", "email", "billing", "note"), SandboxCharge: ("email",)},
        _export_orders,
        _erase_orders,
        stays=_MONEY,
    ),
    Part("payments", {Payment: ("user_id",)}, _export_payments, _leave, stays=_MONEY),
    Part("enrollments", {CourseEnrollment: ("user_id",)}, _export_enrollments, _leave, stays=_MONEY),
    own_rows(OrderClaim, ("request_key", "order_id"), name="order_claims", column="owner"),
    Part("cart", {Cart: ("owner",)}, _export_cart, _erase_cart),
    Part(
        "sellers",
        {
            OwnedSeller: ("user_id",),
            Store: ("owner_id", "phone", "email", "address", "city"),
            School: ("owner_id", "phone", "email", "address", "city"),
        },
        _export_sellers,
        _erase_sellers,
        stays="The shop's name and words: they are on its buyers' orders.",
    ),
    Part(
        "repeated_answers",
        {IdempotencyRecord: ("content",)},
        _nothing,
        _leave,
        stays="Answers given again to whoever repeats a request with its key; found by a digest of that key only, and "
        "gone after two days.",
    ),
    Part(
        "imports",
        {ImportRun: ("started_by",)},
        _nothing,
        _leave,
        stays="That the account of this id sent a file for a shop.",
    ),
    Part(
        "audit_log",
        {AdminLog: ("actor_id", "subject_id", "address", "reason")},
        _export_log,
        _leave,
        stays="What staff did and why, by ids; personal values never enter it. Nobody can change it.",
    ),
    Part(
        "mails",
        {
            OutgoingMail: ("recipient", "subject", "text", "html"),
            MailDelivery: ("recipient", "subject", "last_error"),
            MailOfRecipient: ("recipient_hash",),
        },
        _export_mails,
        _erase_mails,
    ),
)
