"""Work done a moment later, once for many requests that ask for the same."""

import os
import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)

MOST_WAITING = 10_000

Item = TypeVar("Item", bound=Hashable)


class Gatherer(Generic[Item]):
    """Names of things to act on, handed to `act` by a thread of the process, each once a round.

    An optimisation: what waits is lost with the process, so whoever uses it has another way to the same end.
    """

    def __init__(self, name: str, seconds: float, act: Callable[[list[Item]], object]) -> None:
        self._name, self._seconds, self._act = name, seconds, act
        self._waiting: dict[Item, None] = {}
        self._changed = threading.Condition()
        self._acting = threading.Lock()
        self._process_id = 0

    def add(self, item: Item) -> None:
        """`act` sees the item within about `seconds`; beyond MOST_WAITING items it is dropped."""
        with self._changed:
            if self._process_id != os.getpid():
                self._process_id = os.getpid()
                threading.Thread(target=self._run, name=self._name, daemon=True).start()
            if len(self._waiting) < MOST_WAITING:
                self._waiting[item] = None
                self._changed.notify()

    def flush(self) -> None:
        """What waits now has been acted on when the call returns; for commands that are about to end."""
        with self._acting:
            with self._changed:
                items, self._waiting = list(self._waiting), {}
            if items:
                self._act(items)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
            time.sleep(self._seconds)
            try:
                self.flush()
            except Exception as fault:  # noqa: BLE001 - only an optimisation
                log.warning("gathered_work_failed", work=self._name, reason=type(fault).__name__)
