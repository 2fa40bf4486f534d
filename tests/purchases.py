"""What a purchase needs in a test: sellers, goods, buyers and terms, all made through services."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.models import Order, Payment
from app.plugins.sandbox import books, sandbox
from app.services import school, stores
from app.services.catalog.items import ItemValues, create_item
from app.services.orders import placing
from app.services.orders.goods import WantedLine
from app.services.payments.checkout import CheckoutTerms
from app.services.payments.webhooks import receive_event
from app.services.stores import SellerProfile
from app.utils.ids import new_id

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TERMS = CheckoutTerms(site_url="http://127.0.0.1:8000", hold_minutes=30)
EXPIRED = NOW + timedelta(minutes=30)


@dataclass(frozen=True)
class Goods:
    """One item on sale."""

    kind: str
    id: str

    @property
    def reference(self) -> str:
        return f"{self.kind}:{self.id}"

    def wanted(self, quantity: int = 1) -> WantedLine:
        return WantedLine(self.kind, self.id, quantity)


def make_goods(
    kind: str = "product",
    *,
    price: str = "19.99",
    left: int | None = None,
    owner_id: str = "",
    title: str = "Walnut desk lamp",
    currency: str = "USD",
    status: str = "published",
) -> Goods:
    """An item of a seller of its own; left None: not tracked."""
    owner_id, seller_id = owner_id or new_id(), new_id()
    profile = SellerProfile(name=f"Atelier {seller_id[-6:]}", currency=currency)
    if kind == "course":
        seller = school.open_school(profile, owner_id=owner_id, seller_id=seller_id, now=NOW)
    else:
        seller = stores.open_store(profile, owner_id=owner_id, seller_id=seller_id, now=NOW)
    values = ItemValues(title=title, price=price, status=status, stock=left)
    item = create_item(kind, values, seller=seller, item_id=new_id(), now=NOW)
    return Goods(kind, item.id)


def purchase(*wanted: WantedLine, user_id: str = "", key: str = "") -> placing.Purchase:
    """What a buyer asks for; a new buyer unless one is named."""
    user_id = user_id or new_id()
    return placing.Purchase(
        user_id=user_id, email=f"{user_id.lower()}@example.com", provider="sandbox", wanted=wanted, key=key
    )


def place(*wanted: WantedLine, user_id: str = "", key: str = "", now: datetime = NOW) -> placing.Placed:
    """A placed order."""
    return placing.place_order(purchase(*wanted, user_id=user_id, key=key), TERMS, now)


def pay_page(payment: Payment, now: datetime = NOW) -> str:
    """The buyer pressed "pay"; returns the event's id. Nothing is delivered by itself."""
    charge, event_id = books.pay(payment.id, now)
    assert event_id is not None, charge.state
    return event_id


def signed(reference: str, event_id: str, now: datetime = NOW):
    """The raw body and headers the sandbox sends for this event."""
    charge = sandbox.find_charge(reference)
    assert charge is not None
    event = sandbox.courier.signed(charge, event_id, now)
    assert event is not None
    return event


def deliver(reference: str, event_id: str, now: datetime = NOW) -> str:
    """The event came in; returns what became of it."""
    event = signed(reference, event_id, now)
    return receive_event("sandbox", event.body, event.headers, now)


def pay(placed: placing.Placed, now: datetime = NOW) -> Order:
    """The order was paid on the provider's page and the news came; returns it as it stands."""
    assert placed.payment is not None
    deliver(placed.payment.id, pay_page(placed.payment, now), now)
    return stands(placed.order.id)


def stands(order_id: str) -> Order:
    """The order as the last finished write left it."""
    order = Order.find_serial(order_id)
    assert order is not None
    return order


def payment_stands(payment_id: str) -> Payment:
    payment = Payment.find_serial(payment_id)
    assert payment is not None
    return payment
