"""Several people who buy at the same time while a test takes something away."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.faults.serving import wait_for
from tests.purchases import Goods
from tests.shopper import GaveUp, Journal, Refused, Shopper

log = logging.getLogger(__name__)

BUYERS = 3
BACK_SECONDS = 120


class Buyers:
    """People who buy one thing after the other, each in a thread, until told to stop."""

    def __init__(self, people: Sequence[Shopper], goods: Sequence[Goods]) -> None:
        self.people, self.goods = list(people), list(goods)
        self.stop = threading.Event()
        self.faults: list[str] = []
        self.threads = [threading.Thread(target=self._buy, args=(person,), daemon=True) for person in self.people]

    def _buy(self, person: Shopper) -> None:
        number = 0
        try:
            while not self.stop.is_set():
                goods = self.goods[number % len(self.goods)]
                person.buy(goods.kind, goods.id, by_cart=number % 3 == 0)
                number += 1
        except (GaveUp, Refused) as fault:
            self.faults.append(str(fault))

    def paid(self) -> int:
        """How many purchases were acknowledged so far."""
        return sum(len(person.paid) for person in self.people)


@contextmanager
def buying(address: str, goods: Sequence[Goods], count: int = BUYERS) -> Iterator[Buyers]:
    """People buy inside the block; after it some more purchases succeed, each person finishes the one at hand, and
    nothing went wrong."""
    journal = Journal()
    buyers = Buyers([Shopper(address, journal).sign_up() for _ in range(count)], goods)
    for thread in buyers.threads:
        thread.start()
    try:
        wait_for(lambda: buyers.paid() > count or buyers.faults, 60)
        yield buyers
        before = buyers.paid()
        wait_for(lambda: buyers.paid() > before + count or buyers.faults, BACK_SECONDS)
    finally:
        buyers.stop.set()
    for thread in buyers.threads:
        thread.join(BACK_SECONDS)
    log.warning("%d purchases; %s", buyers.paid(), journal)
    assert buyers.faults == []
    assert journal.wrong == []
