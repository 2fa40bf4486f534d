"""Rows that several writers contend for: every write is conditional on the row's token."""

import random
import time
from collections.abc import Callable
from typing import Any, ClassVar, Self

from app.plugins.cassandra_cqlengine import columns, statements
from app.plugins.cassandra_cqlengine.model import Model
from app.plugins.cassandra_cqlengine.store import store
from app.utils.errors import ConcurrentChange, DomainError, NotFound, StoreUnavailable
from app.utils.ids import new_id

ATTEMPTS = 12
FIRST_PAUSE_SECONDS = 0.01
LONGEST_PAUSE_SECONDS = 0.5


def pause_before_retry(attempt: int) -> None:
    """Sleep a random part of a span that doubles with each attempt (0-based), so that rivals drift apart."""
    time.sleep(random.uniform(0, min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt)))


class ConditionalModel(Model):
    """A row written only while nobody else has written since it was read.

    Each write leaves a token of its own in `write_token`. After a lost answer the token is read back at the serial
    consistency: it tells whether this write, or another one, stands there now.
    """

    __abstract__ = True
    __conditional__: ClassVar[bool] = True

    write_token = columns.Text()

    @classmethod
    def create_if_absent(cls, *, refresh: bool = False, **values: Any) -> tuple[Self, bool]:
        """The row of this key and whether this call made it; an existing row is returned as it stands.

        Raises ValidationError and StoreUnavailable.
        """
        row = cls._new(values)
        row.before_create()
        row.write_token = new_id()
        row._record_intent()
        write = store().bind(statements.insert(cls, if_absent=True), row._row_values())
        for attempt in range(ATTEMPTS):
            answer = store().run_conditional(write)
            if answer is not None and answer["[applied]"]:
                return row._finish_creation(refresh), True
            standing = cls.find_serial(*row.key)
            if standing is not None:
                if standing.write_token == row.write_token:
                    return row._finish_creation(refresh), True
                return standing, False
            pause_before_retry(attempt)
        raise StoreUnavailable("The store could not decide in time. Please try again.")

    def _finish_creation(self, refresh: bool) -> Self:
        self._set_persisted()
        self._written("create", refresh=refresh)
        self.after_create()
        return self

    def update_if_unchanged(self, *, refresh: bool = False, **values: Any) -> Self:
        """Change these columns, provided that nobody wrote the row since it was read.

        Raises ConcurrentChange (409) when somebody did: find the row again and decide anew.
        """
        seen = self.write_token
        self._assign(values)
        self.before_update()
        self.write_token = new_id()
        changed = self._validated_changes()
        cql = statements.update_if(type(self), tuple(changed), "write_token")
        self._write_once(cql, [*changed.values(), *self._key_values(self.key), seen], seen)
        self._set_persisted()
        self._written("update", refresh=refresh)
        self.after_update()
        return self

    def delete_if_unchanged(self, *, refresh: bool = False) -> None:
        """Remove the row, provided that nobody wrote it since it was read. Raises ConcurrentChange (409)."""
        seen = self.write_token
        self.before_delete()
        self.write_token = None
        self._write_once(statements.delete_if(type(self), "write_token"), [*self._key_values(self.key), seen], seen)
        self._written("delete", refresh=refresh)
        self.after_delete()

    def _write_once(self, cql: str, values: list[Any], seen: str) -> None:
        """Send a conditional write until it is known what became of it."""
        self._record_intent()
        write = store().bind(cql, values)
        for attempt in range(ATTEMPTS):
            answer = store().run_conditional(write)
            if answer is not None and answer["[applied]"]:
                return
            standing = self.find_serial(*self.key)
            token = standing.write_token if standing is not None else None
            if token == self.write_token:
                return
            if token != seen:
                raise ConcurrentChange("Somebody changed this first. Read it again and retry.")
            pause_before_retry(attempt)
        raise StoreUnavailable("The store could not decide in time. Please try again.")

    @classmethod
    def change(
        cls, key: tuple[Any, ...], decide: Callable[[Self], dict[str, Any] | None], seen: Self | None = None
    ) -> Self:
        """Read the row, let `decide` name the changes (None: leave it), write; again when somebody was faster.

        seen: the row as it was read before; the first decision is made on it, which spares a read.
        `decide` may raise to refuse and must be free of effects, for it can run several times.
        Raises NotFound (404), ConcurrentChange (409) after the last attempt.
        """
        for attempt in range(ATTEMPTS):
            row = (seen or cls.find(*key)) if attempt == 0 else None
            changes = _hoped_for(row, decide)
            if row is None or changes is None:
                row = cls.find_serial(*key)
                if row is None:
                    raise NotFound("There is no such thing here.")
                changes = decide(row)
            if changes is None:
                return row
            try:
                return row.update_if_unchanged(**changes)
            except ConcurrentChange:
                pause_before_retry(attempt)
        raise ConcurrentChange("Too many people changed this at once. Please try again.")

    def _record_intent(self) -> None:
        """Leave a trace, before the write, that the mirror must look at this row."""
        intents = self._companions("intent", store().next_timestamp(self._written_us))
        if intents:
            store().run_many(intents)


def _hoped_for(row: Any, decide: Callable[[Any], dict[str, Any] | None]) -> dict[str, Any] | None:
    """What to change in a row from a plain read, several times cheaper than a serial one; None: nobody knows.

    If it leads to a change, the write's condition finds out whether the row was the newest. A refusal or "leave it"
    says nothing: that is decided on a serial read only.
    """
    if row is None:
        return None
    try:
        return decide(row)
    except DomainError:
        return None
