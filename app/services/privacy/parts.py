"""What a domain says of the people it keeps: its tables, how to show what they hold of one, and how to erase it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.env import Settings
from app.models.accounts import ContactChange, User
from app.plugins.cassandra_cqlengine import ConditionalModel, Model
from app.plugins.cassandra_cqlengine_elastic import MirroredModel, indexes, relay
from app.services.accounts import names
from app.utils.errors import ConcurrentChange, DomainError, NotFound
from app.utils.instants import instant_text

MOST_ROWS = 100_000
PAGE_SIZE = 500
ERASED_DOMAIN = "erased.invalid"
"""`.invalid` is reserved (RFC 2606): no mail can ever go there."""


class NotYet(DomainError):
    """Something has to come to its end first; the job tries again (409)."""

    code, status = "in_progress", 409


@dataclass(frozen=True, slots=True)
class Subject:
    """The person a part is asked about. emails, phones: those they have and those they had."""

    user: User
    settings: Settings
    now: datetime
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.user.id


@dataclass(frozen=True, slots=True)
class Kept:
    """What a domain keeps on somebody. data: plain JSON values; files: name in the archive → content."""

    data: Any
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One domain's promise. tables: model → the columns that name or describe a person.

    erase: nothing of the person is left in these tables afterwards but what `stays` says; doing it again is harmless.
    """

    name: str
    tables: Mapping[type[Model], Sequence[str]]
    export: Callable[[Subject], Kept]
    erase: Callable[[Subject], None]
    stays: str = ""


def subject_of(user: User, *, settings: Settings, now: datetime) -> Subject:
    """The person with every address and number they had within the time that changes are remembered."""
    values: dict[str, set[str]] = {names.EMAIL: {user.email}, names.PHONE: {user.phone or ""}}
    for row in ContactChange.objects(user_id=user.id).limit(MOST_ROWS):
        values[row.kind] |= {row.old_value or "", row.new_value or ""}
    emails, phones = (tuple(sorted(values[kind] - {""})) for kind in (names.EMAIL, names.PHONE))
    return Subject(user, settings, now, emails, phones)


def placeholder_name(user_id: str) -> str:
    """What stands where a username stood."""
    return f"erased-{user_id}".lower()


def placeholder_email(user_id: str) -> str:
    """What stands where a mail address stood; the same for one person everywhere."""
    return f"{placeholder_name(user_id)}@{ERASED_DOMAIN}"


def shown(row: Model, columns: Iterable[str]) -> dict[str, Any]:
    """These columns of a row as plain JSON values."""
    return {name: plain(getattr(row, name)) for name in columns}


def plain(value: Any) -> Any:
    """The value as JSON knows it."""
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return list(value) if isinstance(value, (list, tuple)) else value


def rows_of(model: type[Model], **partition: str) -> list[Any]:
    """All rows of one partition."""
    return list(model.objects(**partition).limit(MOST_ROWS))


def remove(row: Any) -> None:
    """The row is gone, however it is written."""
    if not isinstance(row, ConditionalModel):
        row.delete()
        return
    for _ in range(5):
        standing = type(row).find_serial(*row.key)
        if standing is None:
            return
        with suppress(ConcurrentChange):
            standing.delete_if_unchanged()
            return
    raise ConcurrentChange("This row is being written all the time.")


def change_if_there(model: type[ConditionalModel], key: tuple[Any, ...], values: dict[str, Any]) -> None:
    """A conditional row has these values, if there is one."""
    with suppress(NotFound):
        model.change(key, lambda row: values if any(getattr(row, n) != v for n, v in values.items()) else None)


def mirror_is_behind(since: datetime, now: datetime) -> bool:
    """Whether something written before `since` may not be in the index yet. Raises StoreUnavailable."""
    return relay.lag().oldest_seconds >= (now - since).total_seconds()


def refresh() -> None:
    """Searches see all that has been indexed. Raises SearchUnavailable (503)."""
    indexes.refresh()


def found_by(
    model: type[MirroredModel], column: str, value: str, *, statuses: Sequence[str] | None = None
) -> list[Any]:
    """All rows whose column has this value, and one of these statuses, read again from Cassandra.

    Raises SearchUnavailable (503).
    """
    query = model.elastic(column, value)
    if statuses is not None:
        query = query.where("status", "in", list(statuses))
    rows: list[Any] = []
    after = None
    while True:
        page = query.page(PAGE_SIZE, after)
        keys = list(model._primary_keys)
        rows += model.find_many([tuple(document[name] for name in keys) for document in page.documents])
        after = page.next
        if after is None:
            return rows


def own_rows(model: type[Model], shows: Sequence[str], *, name: str = "", column: str = "user_id") -> Part:
    """The part for a table whose partition is one person: `shows` are the columns for its export, all rows go."""

    def export(subject: Subject) -> Kept:
        return Kept([shown(row, shows) for row in rows_of(model, **{column: subject.id})])

    def erase(subject: Subject) -> None:
        for row in rows_of(model, **{column: subject.id}):
            remove(row)

    part_name = name or model._raw_column_family_name()
    return Part(part_name, {model: (column, *shows)}, export, erase)
