"""Limited things kept in one partition each: a balance and the entries that sum to it.

Seats, stock, slots, coupon uses and wallets are all the same shape: the balance is a static column of the partition,
its entries are the rows, and one conditional batch writes both. So the entries always sum to the balance, and of two
rivals for the last unit one is told no. The condition is on a token that every write replaces: whatever `decide` saw
is what still stands when its entries are written.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from cassandra import ConsistencyLevel
from cassandra.query import BatchStatement, BatchType

from app.plugins.cassandra_cqlengine import columns, statements
from app.plugins.cassandra_cqlengine.conditional import ATTEMPTS, pause_before_retry
from app.plugins.cassandra_cqlengine.model import Model
from app.plugins.cassandra_cqlengine.store import store
from app.utils.errors import ConcurrentChange, DomainError
from app.utils.ids import new_id

LEDGER_ATTEMPTS = 4 * ATTEMPTS


class LedgerModel(Model):
    """One entry of a ledger. Read path: all entries of a ledger, or some by their ids. Written by this module only."""

    __abstract__ = True
    __conditional__: ClassVar[bool] = True

    ledger_id = columns.Text(partition_key=True)
    entry_id = columns.Text(primary_key=True)
    balance = columns.BigInt(static=True)
    write_token = columns.Text(static=True)
    amount = columns.BigInt()
    kind = columns.Text()
    reference = columns.Text()
    balance_after = columns.BigInt()
    posting_token = columns.Text()

    @classmethod
    def _is_stamped(cls) -> bool:
        return False


@dataclass(frozen=True)
class Entry:
    """A movement to post. entry_id makes it happen once; amount is signed, in the ledger's unit."""

    entry_id: str
    amount: int
    kind: str
    reference: str = ""


@dataclass(frozen=True)
class Snapshot:
    """What stood in the partition when a decision was made: its balance and those watched entries that exist."""

    balance: int
    entries: Mapping[str, Entry]


@dataclass(frozen=True)
class Posting:
    """What stands now: the balance, the entries asked for, and whether they had been there before."""

    balance: int
    entries: Sequence[Entry]
    already: bool


class BalanceTooLow(DomainError):
    """The entries would take the balance below its floor; details.available says what is left (409)."""

    code, status = "balance_too_low", 409

    def __init__(self, available: int) -> None:
        super().__init__(f"Only {available} left.", details={"available": available})
        self.available = available


class EntryRefused(DomainError):
    """An entry that excludes this one was posted before (409)."""

    code, status = "entry_refused", 409


class EntryMismatch(DomainError):
    """The same entry id was posted before with another amount or kind (409)."""

    code, status = "entry_mismatch", 409


class LedgerUnbalanced(Exception):
    """The entries do not sum to the balance: somebody wrote past this module."""


def transact(
    ledger: type[LedgerModel],
    ledger_id: str,
    watch: Collection[str],
    decide: Callable[[Snapshot], Sequence[Entry]],
    now: datetime,
) -> Posting:
    """Post the entries that `decide` names after seeing the balance and the watched entries; all or none.

    `decide` is free of effects (it runs again when a rival was faster) and may raise to refuse; no entries: nothing
    is written. Raises what `decide` raises, ConcurrentChange (409) when rivals were faster every time, and
    StoreUnavailable.
    """
    for attempt in range(LEDGER_ATTEMPTS):
        seen_token, snapshot = _read(ledger, ledger_id, watch)
        entries = list(decide(snapshot))
        if not entries:
            return Posting(snapshot.balance, list(snapshot.entries.values()), already=True)
        token = new_id()
        write = _write(ledger, ledger_id, snapshot.balance, entries, seen_token=seen_token, token=token, now=now)
        answer = store().run_conditional(write)
        if (answer is not None and answer["[applied]"]) or _stands(ledger, ledger_id, entries[0], token):
            balance = snapshot.balance + sum(entry.amount for entry in entries)
            return Posting(balance, entries, already=False)
        pause_before_retry(attempt)
    raise ConcurrentChange("Too many people want this at once. Please try again.")


def post(
    ledger: type[LedgerModel],
    ledger_id: str,
    entries: Sequence[Entry],
    now: datetime,
    *,
    floor: int | None = 0,
    unless: Collection[str] = (),
) -> Posting:
    """Post these entries once; repeating the call returns the first posting.

    floor: what the balance may not fall below (None: no floor). unless: ids of entries that exclude these.
    Raises BalanceTooLow, EntryRefused, EntryMismatch, ConcurrentChange (all 409) and StoreUnavailable.
    """

    def decide(snapshot: Snapshot) -> Sequence[Entry]:
        missing = [entry for entry in entries if not _was_posted(snapshot, entry)]
        if not missing:
            return ()
        if excluding := [entry_id for entry_id in unless if entry_id in snapshot.entries]:
            raise EntryRefused(f"{excluding[0]} was posted before.")
        after = snapshot.balance + sum(entry.amount for entry in missing)
        if floor is not None and after < floor and after < snapshot.balance:
            raise BalanceTooLow(max(0, snapshot.balance - floor))
        return missing

    watch = {entry.entry_id for entry in entries} | set(unless)
    posting = transact(ledger, ledger_id, watch, decide, now)
    return Posting(posting.balance, entries, posting.already)


def balance(ledger: type[LedgerModel], ledger_id: str) -> int:
    """What is left, as the last acknowledged write left it; 0 for a ledger without entries."""
    return _balance_row(ledger, ledger_id)[1]


def balances(ledger: type[LedgerModel], ledger_ids: Sequence[str]) -> dict[str, int]:
    """What is left in each of these, read side by side."""
    reads = [store().bind(_balance_query(ledger), [ledger_id]) for ledger_id in ledger_ids]
    rows = (result.one() for result in store().run_many(reads))
    return {ledger_id: row["balance"] if row else 0 for ledger_id, row in zip(ledger_ids, rows, strict=True)}


def entries(ledger: type[LedgerModel], ledger_id: str) -> list[LedgerModel]:
    """All entries of a ledger in the order of their ids."""
    return list(ledger.objects(ledger_id=ledger_id).limit(None))


def audit(ledger: type[LedgerModel], ledger_id: str) -> int:
    """The balance, proven to be the sum of the entries. Raises LedgerUnbalanced."""
    for attempt in range(ATTEMPTS):
        token, left = _balance_row(ledger, ledger_id)
        total = sum(entry.amount for entry in entries(ledger, ledger_id))
        if total == left:
            return left
        if _balance_row(ledger, ledger_id)[0] == token:
            raise LedgerUnbalanced(f"{ledger.__name__} {ledger_id}: entries sum to {total}, balance is {left}")
        pause_before_retry(attempt)
    raise ConcurrentChange("The ledger is too busy to be audited.")


def _was_posted(snapshot: Snapshot, entry: Entry) -> bool:
    standing = snapshot.entries.get(entry.entry_id)
    if standing is None:
        return False
    if (standing.amount, standing.kind) != (entry.amount, entry.kind):
        raise EntryMismatch(f"{entry.entry_id} was posted before with {standing.amount} {standing.kind}.")
    return True


def _balance_row(ledger: type[LedgerModel], ledger_id: str) -> tuple[str | None, int]:
    row = store().execute(_balance_query(ledger), [ledger_id]).one()
    return (row["write_token"], row["balance"]) if row else (None, 0)


def _balance_query(ledger: type[LedgerModel]) -> str:
    return f"SELECT DISTINCT ledger_id, balance, write_token FROM {statements.table(ledger)} WHERE ledger_id = ?"


def _read(ledger: type[LedgerModel], ledger_id: str, watch: Collection[str]) -> tuple[str | None, Snapshot]:
    """The token and what it guards. The token is read first: entries written after it make the write fail.

    A plain quorum read sees every write that was acknowledged, and one in flight makes the conditional write fail; so
    the serial read, which would itself contend with the writers, is kept for finding out what a lost answer meant.
    """
    token, left = _balance_row(ledger, ledger_id)
    standing = {}
    if watch and token is not None:
        cql = (
            f"SELECT entry_id, amount, kind, reference FROM {statements.table(ledger)} "
            "WHERE ledger_id = ? AND entry_id IN ?"
        )
        for row in store().execute(cql, [ledger_id, list(watch)]):
            standing[row["entry_id"]] = Entry(**row)
    return token, Snapshot(left, standing)


def _write(
    ledger: type[LedgerModel], ledger_id: str, seen: int, entries: Sequence[Entry], **marks: Any
) -> BatchStatement:
    table, now = statements.table(ledger), marks["now"]
    batch = BatchStatement(
        BatchType.UNLOGGED,
        serial_consistency_level=ConsistencyLevel.name_to_value[store().settings.cassandra_serial_consistency],
    )
    after = seen
    insertions = []
    for entry in entries:
        after += entry.amount
        insertions.append(
            [ledger_id, entry.entry_id, entry.amount, entry.kind, entry.reference, after, marks["token"], now]
        )
    update = f"UPDATE {table} SET balance = ?, write_token = ? WHERE ledger_id = ? IF write_token = ?"
    batch.add(store().bind(update, [after, marks["token"], ledger_id, marks["seen_token"]]))
    insert = store().prepare(
        f"INSERT INTO {table} (ledger_id, entry_id, amount, kind, reference, balance_after, posting_token, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) IF NOT EXISTS"
    )
    for values in insertions:
        batch.add(insert.bind(values))
    return batch


def _stands(ledger: type[LedgerModel], ledger_id: str, entry: Entry, token: str) -> bool:
    """Whether this very write happened after all, read where a write in flight is finished first."""
    cql = f"SELECT posting_token FROM {statements.table(ledger)} WHERE ledger_id = ? AND entry_id = ?"
    row = store().execute(cql, [ledger_id, entry.entry_id], serial=True).one()
    return row is not None and row["posting_token"] == token
