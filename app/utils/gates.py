"""A gate for what is heavy: a few at once, some in line, the rest turned away."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class GateFull(Exception):
    """Everybody who may wait is waiting."""


class Gate:
    """Lets `at_once` threads of this process through at a time; `waiting` more stand in line."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._turns = threading.BoundedSemaphore(at_once)
        self._places = threading.BoundedSemaphore(at_once + waiting)

    @contextmanager
    def passing(self) -> Iterator[None]:
        """Wait for a turn and hold it. Raises GateFull at once when the line is full."""
        if not self._places.acquire(blocking=False):
            raise GateFull
        try:
            with self._turns:
                yield
        finally:
            self._places.release()
