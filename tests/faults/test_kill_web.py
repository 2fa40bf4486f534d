"""kill -9 of the web process at 20 random moments of a purchase: what was acknowledged holds, nothing is half done."""

import logging
import random
import threading
import time
from collections.abc import Iterator

import pytest

from app.env import Settings
from tests.faults import auditing
from tests.faults.serving import START_SECONDS, Site, connected, made, own_stores, removed, served, verified, wait_for
from tests.purchases import Goods, make_goods
from tests.shopper import GaveUp, Journal, Refused, Shopper

log = logging.getLogger(__name__)

KILLS = 20
PIECES = 500
SEED = 20
# the longest a dead process's claim on an order, a payment or an event stands, and the jobs that look for it
RECOVERY_SECONDS = 240


class Purchase(threading.Thread):
    """One person buys one thing, whatever happens to the site meanwhile. `fault`: why it ended otherwise."""

    def __init__(self, shopper: Shopper, goods: Goods, key: str, *, by_cart: bool, comes_back: bool) -> None:
        super().__init__(name=key, daemon=True)
        self.shopper, self.goods, self.key = shopper, goods, key
        self.by_cart, self.comes_back = by_cart, comes_back
        self.fault = ""
        if not comes_back:
            shopper.patience_seconds = 0.0

    def run(self) -> None:
        try:
            self.shopper.buy(self.goods.kind, self.goods.id, key=self.key, by_cart=self.by_cart)
        except (GaveUp, Refused) as fault:
            if self.comes_back:
                self.fault = str(fault)


@pytest.fixture(scope="module")
def place(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Stores for this file alone."""
    own = made(own_stores(settings, "killweb", tmp_path_factory.mktemp("killweb")))
    with connected(own):
        yield own
        removed(own)


def strike(site: Site, everything: bool) -> None:
    """kill -9, of the workers or of the whole server, which is then started again."""
    if everything:
        site.kill()
        site.start()
    else:
        site.kill_worker()
        site.server.wait_until_ready(START_SECONDS)


def test_20_kills_in_the_middle_of_purchases_lose_nothing_and_leave_nothing_half_done(place: Settings):
    chance = random.Random(SEED)
    goods = [make_goods("product", left=PIECES), make_goods("course", left=PIECES)]
    journal = Journal()
    with served(place) as site:
        people = [Shopper(site.address, journal).sign_up() for _ in range(KILLS + 1)]
        first, *others = people
        first.buy("product", goods[0].id)
        begun = time.monotonic()
        first.buy("course", goods[1].id)
        seconds = time.monotonic() - begun
        purchases = []
        for number, shopper in enumerate(others):
            purchase = Purchase(
                shopper,
                goods[number % 2],
                f"purchase-{number}",
                by_cart=number % 4 < 2,
                comes_back=number % 5 != 4,
            )
            purchases.append(purchase)
            purchase.start()
            pause, everything = chance.uniform(0, seconds), chance.random() < 0.5
            time.sleep(pause)
            strike(site, everything)
            log.info("kill %d: %s after %.2f s", number + 1, "everything" if everything else "the workers", pause)
        for purchase in purchases:
            purchase.join(RECOVERY_SECONDS)
        assert [purchase.fault for purchase in purchases if purchase.fault or purchase.is_alive()] == []
        assert_answers_repeat(purchases)
        waited = wait_for(lambda: not auditing.half_done(people), RECOVERY_SECONDS, lambda: auditing.half_done(people))
    log.warning("%d kills; %s; all whole after %.0f s more", KILLS, journal, waited)
    assert journal.wrong == []
    assert auditing.faults(people, goods, PIECES) == []
    assert sum(len(shopper.paid) for shopper in others) >= KILLS * 4 // 5
    verified(place)


def assert_answers_repeat(purchases: list[Purchase]) -> None:
    """The same request with the same key gives the same order, long after it was paid."""
    for purchase in purchases:
        if purchase.comes_back:
            before = purchase.shopper.ordered[purchase.key]
            wanted = None if purchase.by_cart else [(purchase.goods.kind, purchase.goods.id, 1)]
            assert purchase.shopper.order(wanted, purchase.key)["id"] == before
