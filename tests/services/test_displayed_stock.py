"""What pages show of stock follows the ledger, whatever happens to the process that sold."""

from datetime import timedelta
from threading import Event

import pytest

from app.services.catalog import display, stock
from app.utils.gathering import Gatherer
from tests.purchases import NOW, Goods, make_goods, pay, place

pytestmark = pytest.mark.usefixtures("app")


def shown(goods: Goods) -> tuple[int | None, bool]:
    item = stock.load_item(goods.reference)
    return item.stock_available, item.in_stock


def test_sales_are_shown_a_moment_later_once_for_all_of_them(monkeypatch: pytest.MonkeyPatch):
    rounds: list[list[str]] = []
    monkeypatch.setattr(display, "_gatherer", Gatherer("test", 3600, rounds.append))
    goods = make_goods(left=9)
    for _ in range(3):
        pay(place(goods.wanted()))
    display.refresh_now()
    assert rounds == [[goods.reference]]


def test_the_last_one_is_shown_as_sold_at_once():
    goods = make_goods(left=2)
    place(goods.wanted(2))
    assert shown(goods) == (0, False)


def test_the_job_shows_what_a_dead_process_left(monkeypatch: pytest.MonkeyPatch, refresh_index):
    monkeypatch.setattr(display, "_gatherer", Gatherer("dead", 3600, lambda references: None))
    goods = make_goods(left=9)
    pay(place(goods.wanted(4)))
    assert shown(goods) == (9, True)
    refresh_index()
    assert display.refresh_recently_ordered(None, NOW + timedelta(minutes=5)).done >= 1
    assert shown(goods) == (5, True)


def test_a_gathered_item_is_refreshed_by_the_thread():
    goods = make_goods(left=9)
    pay(place(goods.wanted(4)))
    for _ in range(100):
        if shown(goods) == (5, True):
            break
        Event().wait(0.1)
    assert shown(goods) == (5, True)
