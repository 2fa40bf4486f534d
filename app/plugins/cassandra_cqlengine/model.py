"""The base of every table: cqlengine's model with hooks on the instance and prepared single-row statements."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Self

from cassandra.cqlengine import ValidationError
from cassandra.cqlengine.models import Model as CqlengineModel
from cassandra.query import UNSET_VALUE, BoundStatement

from app.plugins.cassandra_cqlengine import columns, statements
from app.plugins.cassandra_cqlengine.announced import AnnouncedWrite, run_announced
from app.plugins.cassandra_cqlengine.instances import copied, instance_of
from app.plugins.cassandra_cqlengine.queryset import BulkWriteRefused, PreparedQuerySet
from app.plugins.cassandra_cqlengine.store import store
from app.utils.clock import utc_now

_READS_AT_ONCE = 64
# A read that waits for a dead node is sent to another one after so long. Cassandra's own "99p" knows nothing of a
# table that has hardly been read, and waits for half of its read time-out there.
_SPECULATIVE_RETRY = "MIN(99p,100ms)"


class Model(CqlengineModel):
    """A row. Written by `Model.create(...)`, a fetched row's `.update(...)`, `.save()` and `.delete()`.

    `created_at` is set once, `updated_at` with every write; both are aware UTC. The hooks run around each write:
    before_* may still change values or raise (then nothing is written); after_* see what was written.
    """

    __abstract__ = True
    __queryset__ = PreparedQuerySet
    __conditional__: ClassVar[bool] = False

    created_at = columns.DateTime()
    updated_at = columns.DateTime()

    _written_us: int = 0

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.__options__ = {"speculative_retry": _SPECULATIVE_RETRY} | (cls.__options__ or {})

    # hooks

    def before_create(self) -> None:
        """Runs before a new row is written."""

    def after_create(self) -> None:
        """Runs after a new row was written."""

    def before_update(self) -> None:
        """Runs before a known row is written again."""

    def after_update(self) -> None:
        """Runs after a known row was written again."""

    def before_delete(self) -> None:
        """Runs before a row is removed."""

    def after_delete(self) -> None:
        """Runs after a row was removed."""

    # what the mirror adds

    def _companions(self, operation: str, written_us: int) -> Sequence[BoundStatement]:
        """Statements that must be stored together with this write."""
        return ()

    def _written(self, operation: str, *, refresh: bool) -> None:
        """Called when the write is safe in Cassandra."""

    # reads

    @classmethod
    def find(cls, *key: Any) -> Self | None:
        """The row of this full key, or None; one prepared read."""
        return cls._one(key, serial=False)

    @classmethod
    def find_serial(cls, *key: Any) -> Self | None:
        """The row as the last finished conditional write left it."""
        return cls._one(key, serial=True)

    @classmethod
    def _one(cls, key: Sequence[Any], *, serial: bool) -> Self | None:
        row = store().execute(statements.select_by_key(cls), cls._key_values(key), serial=serial).one()
        return None if row is None else cls._construct_instance(row)

    @classmethod
    def find_many(cls, keys: Iterable[Any]) -> list[Self]:
        """The rows of these keys (a tuple each, or the bare value of a single-column key), in their order.

        Keys without a row are left out.
        """
        reads = [cls._read_of(key if isinstance(key, tuple) else (key,)) for key in keys]
        rows = (result.one() for result in store().run_many(reads, _READS_AT_ONCE))
        return [cls._construct_instance(row) for row in rows if row is not None]

    @classmethod
    def _read_of(cls, key: Sequence[Any]) -> BoundStatement:
        return store().bind(statements.select_by_key(cls), cls._key_values(key))

    @classmethod
    def _key_values(cls, key: Sequence[Any]) -> list[Any]:
        if len(key) != len(cls._primary_keys):
            raise ValueError(f"{cls.__name__} is found by {', '.join(cls._primary_keys)}")
        return [column.to_database(v) for column, v in zip(cls._primary_keys.values(), key, strict=True)]

    @property
    def key(self) -> tuple[Any, ...]:
        """The values of the primary key, in its order."""
        return tuple(self._values[name].value for name in self._primary_keys)

    @classmethod
    def _is_stamped(cls) -> bool:
        return "updated_at" in cls._columns

    @classmethod
    def _construct_instance(cls, values: dict[str, Any]) -> Self:
        """A row as read, the way cqlengine's own querysets make them."""
        return instance_of(cls, values)

    def _set_persisted(self, force: bool = False) -> None:
        """What the values are now is what Cassandra holds; cqlengine's own way copies every value deeply."""
        for manager in self._values.values():
            manager.previous_value = copied(manager.value)
            manager.explicit = False
        self._is_persisted = True

    # writes

    @classmethod
    def create(cls, *, refresh: bool = False, **values: Any) -> Self:
        """Write a new row and return it. refresh: the mirror shows it when the call returns.

        Raises ValidationError (unknown column, bad value; nothing is written) and StoreUnavailable.
        """
        return cls._new(values).save(refresh=refresh)

    @classmethod
    def _new(cls, values: dict[str, Any]) -> Self:
        unknown = set(values) - set(cls._columns)
        if unknown:
            raise ValidationError(f"{cls.__name__} has no column {', '.join(sorted(unknown))}")
        return cls(**values)

    @classmethod
    def create_many(cls, rows: Iterable[dict[str, Any]], concurrency: int = 64) -> list[Self]:
        """Write many new rows side by side, hooks and mirror included; the relay indexes them in bulk."""
        cls._ensure_plain()
        instances = [cls._new(values) for values in rows]
        writes = []
        for instance in instances:
            instance.before_create()
            writes.append(instance._insertion())
        run_announced(writes, concurrency)
        cls._written_many(instances)
        for instance in instances:
            instance._set_persisted()
            instance.after_create()
        return instances

    @classmethod
    def _written_many(cls, instances: Sequence[Self]) -> None:
        """Called when all of these rows are safe in Cassandra."""

    def save(self, *, refresh: bool = False) -> Self:
        """Create a new row, or update a fetched one: whichever fits."""
        self._ensure_plain()
        if self._is_persisted:
            return self.update(refresh=refresh)
        self.before_create()
        run_announced([self._insertion()])
        self._set_persisted()
        self._written("create", refresh=refresh)
        self.after_create()
        return self

    def update(self, *, refresh: bool = False, **values: Any) -> Self:
        """Change these columns (and those assigned before) of a fetched row and return it; None empties a cell.

        Raises ValidationError (unknown column, key, bad value; nothing is written) and StoreUnavailable.
        """
        self._ensure_plain()
        self._assign(values)
        self.before_update()
        written_us = store().next_timestamp(self._written_us)
        changed = self._validated_changes()
        cql = statements.update(type(self), tuple(changed))
        write = store().bind(cql, [written_us, *changed.values(), *self._key_values(self.key)])
        self._send(write, "update", written_us)
        self._set_persisted()
        self._written("update", refresh=refresh)
        self.after_update()
        return self

    def delete(self, *, refresh: bool = False) -> None:
        """Remove a fetched row, and its document from every search."""
        self._ensure_plain()
        self.before_delete()
        written_us = store().next_timestamp(self._written_us)
        write = store().bind(statements.delete(type(self)), [written_us, *self._key_values(self.key)])
        self._send(write, "delete", written_us)
        self._written("delete", refresh=refresh)
        self.after_delete()

    # shared by plain and conditional writes

    @classmethod
    def _ensure_plain(cls) -> None:
        if cls.__conditional__:
            raise BulkWriteRefused(f"{cls.__name__} is written by conditional writes only")

    def _assign(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            column = self._columns.get(name)
            if column is None:
                raise ValidationError(f"{type(self).__name__} has no column {name}")
            if column.is_primary_key and value != getattr(self, name):
                raise ValidationError(f"{type(self).__name__}.{name} is part of the key and stays")
            setattr(self, name, value)

    def _stamp(self) -> None:
        now = utc_now()
        if self._values["created_at"].value is None:
            self.created_at = now
        self.updated_at = now

    def _row_values(self) -> list[Any]:
        """Every column for an insert; an empty one is left unset, so that no tombstone is written."""
        if self._is_stamped():
            self._stamp()
        self.validate()
        values = []
        for name, column in self._columns.items():
            value = column.to_database(self._values[name].value)
            values.append(UNSET_VALUE if column._val_is_null(value) else value)
        return values

    def _insertion(self) -> AnnouncedWrite:
        written_us = store().next_timestamp(self._written_us)
        write = store().bind(statements.insert(type(self)), [*self._row_values(), written_us])
        self._written_us = written_us
        return self._announced(write, "create", written_us)

    def _announced(self, write: BoundStatement, operation: str, written_us: int) -> AnnouncedWrite:
        return AnnouncedWrite(
            write, self._companions(operation, written_us), lambda: self._companions("intent", written_us)
        )

    def _validated_changes(self) -> dict[str, Any]:
        if self._is_stamped():
            self.updated_at = utc_now()
        self.validate()
        changed = {}
        for name, manager in self._values.items():
            if not manager.column.is_primary_key and (manager.changed or name == "updated_at"):
                changed[name] = manager.column.to_database(manager.value)
        return dict(sorted(changed.items()))

    def _send(self, write: BoundStatement, operation: str, written_us: int) -> None:
        run_announced([self._announced(write, operation, written_us)])
        self._written_us = written_us


def find_each(*wanted: tuple[type[Model], tuple[Any, ...]]) -> list[Any]:
    """The row of each (model, full key), read side by side; None where there is none."""
    results = store().run_many([model._read_of(key) for model, key in wanted])
    rows = (result.one() for result in results)
    return [model._construct_instance(row) if row else None for (model, _), row in zip(wanted, rows, strict=True)]
