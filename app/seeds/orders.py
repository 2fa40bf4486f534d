"""Half a year of orders of the demo's people, made, paid and ended through the services as they were then."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from app.env import Settings
from app.models import Order
from app.plugins.fake import fake
from app.plugins.sandbox import SandboxDelivery, books, sandbox
from app.plugins.sandbox.tables import shard_of
from app.seeds.accounts import BUYER_ID, CUSTOMER_IDS
from app.seeds.catalog import SeedItem, planned_items
from app.seeds.fixed import fixed_id
from app.services.accounts import get_user
from app.services.catalog import display
from app.services.catalog.stock import OutOfStock
from app.services.orders import ending, placing
from app.services.orders.goods import WantedLine
from app.services.payments.checkout import CheckoutTerms, open_checkout
from app.services.payments.webhooks import receive_event

ORDERS = 160
OF_THE_BUYER = 9
DAYS = 182
_THREADS = 6
_ENDS = ("paid",) * 17 + ("cancelled", "expired", "declined")


@dataclass(frozen=True)
class SeedOrder:
    """One order to be there. end: paid, cancelled, expired, or declined (a card refused once, then paid)."""

    id: str
    number: int
    user_id: str
    at: datetime
    end: str
    wanted: tuple[WantedLine, ...]


def seed(settings: Settings, now: datetime) -> int:
    """The orders exist in the states they came to; returns how many. None without the sandbox, which pays them."""
    sandbox.configure(settings)
    if not sandbox.enabled:
        return 0
    terms = CheckoutTerms(settings.site_url, settings.order_hold_minutes, settings.default_currency)
    planned = list(planned_orders(list(planned_items(settings.default_currency, now)), now))
    with ThreadPoolExecutor(_THREADS) as pool:
        made = sum(pool.map(lambda order: _make(order, terms), planned))
    display.refresh_now()
    return made


def planned_orders(items: list[SeedItem], now: datetime) -> Iterator[SeedOrder]:
    """The same orders on every run; nobody orders a course twice or before it was on sale."""
    fake.seed_instance(7310)
    random = fake.random
    taken: set[tuple[str, str]] = set()
    for number in range(ORDERS):
        user_id = BUYER_ID if number % (ORDERS // OF_THE_BUYER) == 0 else random.choice(CUSTOMER_IDS)
        day = now - timedelta(days=1 + int(DAYS * random.random() ** 1.4))
        at = day.replace(hour=random.randrange(7, 22), minute=random.randrange(60), second=random.randrange(60))
        on_sale = [item for item in items if item.made_at < at and (user_id, item.id) not in taken]
        chosen = random.sample(on_sale, random.choice((1, 1, 1, 2, 2, 3)))
        taken |= {(user_id, item.id) for item in chosen}
        wanted = tuple(
            WantedLine(item.kind, item.id, random.choice((1, 1, 1, 2, 3)) if item.kind == "product" else 1)
            for item in chosen
        )
        yield SeedOrder(fixed_id(f"order:{number}", at), number, user_id, at, random.choice(_ENDS), wanted)


def _make(order: SeedOrder, terms: CheckoutTerms) -> int:
    if Order.find(order.id) is not None:
        return 1
    asked = placing.Purchase(order.user_id, get_user(order.user_id).email, sandbox.name, order.wanted)
    try:
        placed = placing.place_order(asked, terms, order.at, _ids(order))
    except OutOfStock:
        return 0
    later = order.at + timedelta(minutes=3 + order.number % 9)
    if order.end == "cancelled":
        ending.cancel_order(order.id, by=order.user_id, now=later)
    elif order.end == "expired":
        ending.expire_order(placed.order, placed.order.expires_at)
    elif placed.payment is not None:
        _pay(placed, terms, later, _ids(order, first=2), is_declined_first=order.end == "declined")
    return 1


def _ids(order: SeedOrder, first: int = 0) -> Callable[[], str]:
    """The order's id, then those of its payments, the same on every run."""
    numbers = count(first)

    def make_id() -> str:
        number = next(numbers)
        return order.id if number == 0 else fixed_id(f"order:{order.number}:payment:{number}", order.at)

    return make_id


def _pay(
    placed: placing.Placed, terms: CheckoutTerms, at: datetime, make_id: Callable[[], str], *, is_declined_first: bool
) -> None:
    payment = placed.payment
    assert payment is not None
    if is_declined_first:
        _, event_id = books.decline(payment.id, at, "card_declined")
        _tell(payment.id, event_id, at)
        payment = open_checkout(placed.order, terms, at, make_id)
    _, event_id = books.pay(payment.id, at)
    _tell(payment.id, event_id, at)


def _tell(reference: str, event_id: str | None, at: datetime) -> None:
    """The event came in when it happened, so it waits for nobody."""
    charge = books.find_charge(reference)
    event = sandbox.courier.signed(charge, event_id, at) if charge and event_id else None
    if event is None or event_id is None:
        return
    receive_event(sandbox.name, event.body, event.headers, at)
    delivery = SandboxDelivery.find(shard_of(reference), event_id)
    if delivery is not None:
        delivery.delete()
