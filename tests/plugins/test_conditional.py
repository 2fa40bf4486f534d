"""Rows that rivals contend for, and ledgers: exactly one wins, and a lost answer is found out."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.plugins.cassandra_cqlengine import (
    BalanceTooLow,
    BulkWriteRefused,
    ConditionalModel,
    Entry,
    EntryMismatch,
    EntryRefused,
    LedgerUnbalanced,
    configure,
    ledger,
    store,
)
from app.plugins.cassandra_cqlengine_elastic import configure as configure_search
from app.plugins.cassandra_cqlengine_elastic import relay, search
from app.utils.clock import utc_now
from app.utils.errors import ConcurrentChange, NotFound, StoreUnavailable
from app.utils.ids import new_id
from tests.plugins.data_models import Loan, SeatEntry
from tests.plugins.stalling_proxy import StallingProxy

pytestmark = pytest.mark.usefixtures("data_tables")
NOW = utc_now()


def race(count, call):
    """The results of `call(number)` from many threads let loose together; exceptions are results too."""
    gate = threading.Barrier(count)

    def run(number):
        gate.wait()
        try:
            return call(number)
        except Exception as fault:  # noqa: BLE001 - whatever a racer gets is its result
            return fault

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def loan(**values):
    return Loan.create_if_absent(library=new_id(), number="1", **values)[0]


def test_of_many_creators_of_one_key_one_wins_and_all_see_its_row():
    library = new_id()
    results = race(20, lambda n: Loan.create_if_absent(library=library, number="1", count=n))
    assert sum(created for _, created in results) == 1
    winner = next(row for row, created in results if created)
    assert {row.count for row, _ in results} == {winner.count}


def test_an_update_of_a_row_changed_since_is_refused_and_writes_nothing():
    row = loan(status="out")
    rival = Loan.find(*row.key)
    row.update_if_unchanged(status="back")
    with pytest.raises(ConcurrentChange):
        rival.update_if_unchanged(status="lost")
    assert Loan.find(*row.key).status == "back"


def test_of_many_updates_from_one_state_one_wins():
    row = loan(status="out")
    copies = [Loan.find(*row.key) for _ in range(20)]
    results = race(20, lambda n: copies[n].update_if_unchanged(count=n))
    assert sum(isinstance(result, Loan) for result in results) == 1
    assert sum(isinstance(result, ConcurrentChange) for result in results) == 19


def test_change_decides_anew_until_it_fits_so_no_step_is_lost():
    row = loan(count=0)
    race(8, lambda _: Loan.change(row.key, lambda r: {"count": r.count + 1}))
    assert Loan.find(*row.key).count == 8


def test_change_of_a_missing_row_and_change_to_nothing():
    with pytest.raises(NotFound):
        Loan.change((new_id(), "1"), lambda r: {"count": 1})
    row = loan(count=3)
    assert Loan.change(row.key, lambda r: None).write_token == row.write_token


def test_a_removed_row_can_be_made_again(refresh_index):
    row = loan(status="out")
    row.delete_if_unchanged()
    assert Loan.find(*row.key) is None
    refresh_index()
    assert Loan.elastic("library", row.library).count() == 0
    _, created = Loan.create_if_absent(library=row.library, number="1", status="again")
    refresh_index()
    assert created
    assert Loan.elastic("library", row.library).count() == 1


def test_a_row_is_removed_while_search_is_away(data_tables, refresh_index):
    row = loan(status="out")
    refresh_index()
    definitions = search().definitions
    configure_search(replace(data_tables, elastic_url="http://127.0.0.1:9"), definitions)
    try:
        row.delete_if_unchanged()
    finally:
        configure_search(data_tables, definitions)
    assert Loan.find(*row.key) is None
    refresh_index()
    assert Loan.elastic("library", row.library).count() == 0


@pytest.mark.parametrize("write", [Loan.create, lambda **v: Loan(**v).save(), lambda **v: Loan.create_many([v])])
def test_plain_writes_of_a_conditional_row_are_refused(write):
    with pytest.raises(BulkWriteRefused):
        write(library=new_id(), number="1")
    assert issubclass(Loan, ConditionalModel)


def test_an_intent_whose_write_lost_is_dropped_and_one_that_won_is_indexed(data_tables, refresh_index):
    row = loan(status="out")
    Loan.create_if_absent(library=row.library, number="1", status="never")
    refresh_index()
    assert [d["status"] for d in Loan.elastic("library", row.library).documents()] == ["out"]
    left = relay.drain(whole=True)
    for _ in range(200):
        if left.kept == left.failed == 0:
            break
        threading.Event().wait(0.1)
        left = relay.drain(whole=True)
    assert (left.kept, left.failed) == (0, 0)


# ledgers


def seats(count):
    offer = new_id()
    ledger.post(SeatEntry, offer, [Entry("capacity", count, "capacity")], NOW)
    return offer


def test_of_many_who_want_the_last_seats_exactly_as_many_get_one():
    offer = seats(5)
    results = race(60, lambda n: ledger.post(SeatEntry, offer, [Entry(f"seat:{n}", -1, "seat")], NOW))
    refused = [result for result in results if isinstance(result, BalanceTooLow)]
    assert (len(results) - len(refused), len(refused)) == (5, 55)
    assert {refusal.available for refusal in refused} == {0}
    assert ledger.audit(SeatEntry, offer) == 0
    assert len(ledger.entries(SeatEntry, offer)) == 6


def test_the_same_entry_many_times_at_once_is_posted_once():
    offer = seats(5)
    results = race(20, lambda _: ledger.post(SeatEntry, offer, [Entry("seat:1", -1, "seat")], NOW))
    assert sum(not result.already for result in results) == 1
    assert ledger.audit(SeatEntry, offer) == 4


def test_several_entries_are_posted_all_or_none():
    offer = seats(3)
    with pytest.raises(BalanceTooLow) as refusal:
        ledger.post(SeatEntry, offer, [Entry("a", -2, "seat"), Entry("b", -2, "seat")], NOW)
    assert refusal.value.details == {"available": 3}
    assert ledger.audit(SeatEntry, offer) == 3
    assert ledger.post(SeatEntry, offer, [Entry("a", -2, "seat"), Entry("b", -1, "seat")], NOW).balance == 0


def test_a_repeated_entry_of_another_amount_is_refused():
    offer = seats(3)
    ledger.post(SeatEntry, offer, [Entry("a", -2, "seat")], NOW)
    with pytest.raises(EntryMismatch):
        ledger.post(SeatEntry, offer, [Entry("a", -1, "seat")], NOW)


def test_an_entry_excluded_by_an_earlier_one_is_refused():
    offer = seats(3)
    ledger.post(SeatEntry, offer, [Entry("release:a", 0, "release")], NOW)
    with pytest.raises(EntryRefused):
        ledger.post(SeatEntry, offer, [Entry("hold:a", -1, "hold")], NOW, unless=["release:a"])
    assert ledger.audit(SeatEntry, offer) == 3


def test_a_balance_may_always_rise_and_a_floor_can_be_lifted():
    wallet = new_id()
    assert ledger.balance(SeatEntry, wallet) == 0
    assert ledger.post(SeatEntry, wallet, [Entry("debt", -5, "fee")], NOW, floor=None).balance == -5
    assert ledger.post(SeatEntry, wallet, [Entry("in", 2, "top-up")], NOW).balance == -3


def test_an_audit_sees_an_entry_written_past_the_ledger():
    offer = seats(3)
    store().execute(
        "INSERT INTO t_seat_entry (ledger_id, entry_id, amount, kind) VALUES (?, ?, ?, ?)", [offer, "ghost", 1, "x"]
    )
    with pytest.raises(LedgerUnbalanced):
        ledger.audit(SeatEntry, offer)


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(-4, 4)), max_size=12))
def test_whatever_is_posted_the_entries_sum_to_the_balance_and_never_below_the_floor(movements):
    account, expected = new_id(), {}
    for name, amount in movements:
        try:
            ledger.post(SeatEntry, account, [Entry(f"e{name}", amount, "x")], NOW)
        except BalanceTooLow:
            assert sum(expected.values()) + amount < 0
        except EntryMismatch:
            assert expected[f"e{name}"] != amount
        else:
            expected.setdefault(f"e{name}", amount)
    assert ledger.audit(SeatEntry, account) == sum(expected.values()) >= 0


# a lost answer


@pytest.fixture
def stalling(data_tables):
    """The process's store behind a proxy that can hold back Cassandra's answers; half a second of patience."""
    with StallingProxy(data_tables.cassandra_hosts[0], data_tables.cassandra_port) as proxy:
        impatient = replace(
            data_tables, cassandra_hosts=("127.0.0.1",), cassandra_port=proxy.port, cassandra_timeout_seconds=0.5
        )
        configure(impatient)
        yield proxy
        configure(data_tables)


def test_a_conditional_write_whose_answer_is_lost_is_found_out_and_not_repeated(stalling):
    row = loan(count=0)
    Loan.change(row.key, lambda r: {"count": r.count + 1})
    changing = Loan.find(*row.key)
    stalling.hold_next_answers(seconds=0.8, skip=1)
    changing.update_if_unchanged(count=changing.count + 1)
    assert stalling.held > 0
    assert Loan.find_serial(*row.key).count == 2


def test_a_posting_whose_answer_is_lost_is_found_out_and_counted_once(stalling):
    offer = seats(10)
    ledger.post(SeatEntry, offer, [Entry("first", -1, "seat")], NOW)
    stalling.hold_next_answers(seconds=0.8, skip=2)
    posting = ledger.post(SeatEntry, offer, [Entry("second", -1, "seat")], NOW)
    assert stalling.held > 0
    assert posting.balance == 8
    assert ledger.audit(SeatEntry, offer) == 8


def test_a_store_that_does_not_answer_is_unavailable(data_tables):
    with StallingProxy(data_tables.cassandra_hosts[0], data_tables.cassandra_port) as proxy:
        nowhere = proxy.port
    configure(replace(data_tables, cassandra_port=nowhere, cassandra_timeout_seconds=0.5))
    try:
        with pytest.raises(StoreUnavailable):
            Loan.find(new_id(), "1")
    finally:
        configure(data_tables)
