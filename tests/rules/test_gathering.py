"""Work gathered for many requests is done once, and not lost between a thread and whoever waits for it."""

import time
from threading import Event

from app.utils.gathering import MOST_WAITING, Gatherer


def test_an_item_named_often_is_acted_on_once_a_round():
    rounds: list[list[str]] = []
    gatherer = Gatherer("test", 3600, rounds.append)
    for name in ("lamp", "vase", "lamp"):
        gatherer.add(name)
    gatherer.flush()
    gatherer.flush()
    assert rounds == [["lamp", "vase"]]


def test_flush_waits_for_what_the_thread_has_begun():
    begun, done = Event(), []

    def act(items: list[str]) -> None:
        begun.set()
        time.sleep(0.2)
        done.extend(items)

    gatherer = Gatherer("test", 0.0, act)
    gatherer.add("lamp")
    assert begun.wait(10)
    gatherer.flush()
    assert done == ["lamp"]


def test_the_thread_goes_on_after_a_failure():
    seen = Event()

    def act(items: list[str]) -> None:
        if "bad" in items:
            raise OSError
        seen.set()

    gatherer = Gatherer("test", 0.0, act)
    gatherer.add("bad")
    time.sleep(0.1)
    gatherer.add("good")
    assert seen.wait(10)


def test_what_waits_is_bounded():
    rounds: list[list[int]] = []
    gatherer: Gatherer[int] = Gatherer("test", 3600, rounds.append)
    for number in range(MOST_WAITING + 5):
        gatherer.add(number)
    gatherer.flush()
    assert len(rounds[0]) == MOST_WAITING
