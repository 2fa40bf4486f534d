"""The mirror converges to what Cassandra holds, whatever happens to deliveries on the way."""

import importlib
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any
from uuid import uuid1

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.plugins.cassandra_cqlengine import Store, announced, dump, store
from app.plugins.cassandra_cqlengine.scan import token_ranges
from app.plugins.cassandra_cqlengine_elastic import indexes, outbox, relay, search
from app.plugins.cassandra_cqlengine_elastic import targets as target_indexes
from app.plugins.cassandra_cqlengine_elastic.delivery import (
    deliver,
    delivery_of,
    index_at_once,
    marker,
    read,
)
from app.plugins.cassandra_cqlengine_elastic.documents import Document, key_text
from app.plugins.cassandra_cqlengine_elastic.markers import purge
from app.plugins.cassandra_cqlengine_elastic.rebuild import rebuild
from app.plugins.cassandra_cqlengine_elastic.verify import verify
from app.utils.clock import utc_now
from app.utils.errors import SearchUnavailable
from app.utils.ids import new_id
from tests.plugins.data_models import MODELS, Book, Loan, SeatEntry

rebuild_module = importlib.import_module("app.plugins.cassandra_cqlengine_elastic.rebuild")
store_module = importlib.import_module("app.plugins.cassandra_cqlengine.store")
pytestmark = pytest.mark.usefixtures("data_tables")


@contextmanager
def silence(seconds: float = 3600.0) -> Iterator[None]:
    """Requests do not index at once meanwhile, as while Elasticsearch is away; only deliveries do."""
    before = search()._resting_until
    search()._resting_until = time.monotonic() + seconds
    try:
        yield
    finally:
        search()._resting_until = before


@contextmanager
def written_by(writer: Store) -> Iterator[None]:
    """Rows are written with this writer's clock meanwhile."""
    sharing_connection = store_module._current
    writer._session, writer._cluster = store().session, None
    store_module._current = writer
    try:
        yield
    finally:
        store_module._current = sharing_connection


@contextmanager
def no_batch_log() -> Iterator[None]:
    """Writes do without logged batches meanwhile, as they do for a while after a batch's log did not answer."""
    store().batch_log_rests_until = time.monotonic() + 3600
    try:
        yield
    finally:
        store().batch_log_rests_until = 0.0


def mirrored(shelf: str) -> dict[str, dict]:
    indexes.refresh()
    return {document["id"]: document for document in Book.elastic("tags", shelf).documents()}


def held(ids: list[str]) -> dict[str, dict]:
    return {d.key[0]: dict(d.source) for d in read(Book, [(i,) for i in ids]) if d.source is not None}


class Post:
    """What is on its way to the index: copies of rows as some request or relay read them."""

    def __init__(self) -> None:
        self.late: list[Document] = []

    def pick_up(self, key: tuple[str, ...]) -> None:
        document = read(Book, [key])[0]
        if document.source is not None:
            self.late.append(document)

    def hand_over(self, number: int) -> None:
        if self.late:
            with silence(seconds=0.0):
                index_at_once([self.late[number % len(self.late)]])


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "update", "null", "delete", "pick up", "hand over", "relay some"]),
        st.integers(0, 3),
        st.integers(0, 1),
        st.integers(0, 99),
    ),
    min_size=5,
    max_size=40,
)


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS, st.randoms(use_true_random=False))
def test_late_repeated_and_shuffled_deliveries_of_skewed_writers_converge(data_tables, steps, chance):
    shelf, ids, post = new_id(), [new_id() for _ in range(4)], Post()
    writers = [Store(data_tables), Store(data_tables, clock=lambda: time.time() - 30)]
    with silence():
        for action, which, host, number in steps:
            with written_by(writers[host]):
                take_step(action, ids[which], shelf, number, post)
            if action == "relay some":
                relay_some(ids, chance)
    for document in chance.sample(post.late, len(post.late)):
        index_at_once([document])
    relay.forget()
    relay.drain(whole=True)
    for document in chance.sample(post.late, len(post.late)):
        index_at_once([document])
    assert mirrored(shelf) == held(ids)


def take_step(action: str, identifier: str, shelf: str, number: int, post: Post) -> None:
    row = Book.find(identifier)
    if action == "create" and row is None:
        Book.create(id=identifier, title=f"Title {number}", price_cents=number, tags={shelf})
    elif action == "update" and row is not None:
        row.update(title=f"Changed {number}")
    elif action == "null" and row is not None:
        row.update(price_cents=None)
    elif action == "delete" and row is not None:
        row.delete()
    elif action == "pick up":
        post.pick_up((identifier,))
    elif action == "hand over":
        post.hand_over(number)


def relay_some(ids: list[str], chance: random.Random) -> None:
    """A relay delivers some rows, some of them twice, in any order, and forgets no outbox entry."""
    chosen = [delivery_of(Book, (chance.choice(ids),)) for _ in range(5)]
    deliver(chosen, {"t_book": [search().alias("t_book")]})


def test_two_writers_with_skewed_clocks_and_no_knowledge_of_each_other(data_tables):
    """The second host's change has the older write time: same version, other content."""
    shelf, identifier = new_id(), new_id()
    ahead, behind = Store(data_tables), Store(data_tables, clock=lambda: time.time() - 30)
    with written_by(behind):
        Book.create(id=identifier, title="First", price_cents=1, tags={shelf})
    copies = [Book.find(identifier), Book.find(identifier)]
    with written_by(ahead):
        copies[0].update(title="From the one ahead")
    stale = read(Book, [(identifier,)])[0]
    with silence(), written_by(behind):
        copies[1].update(price_cents=2)
    fresh = read(Book, [(identifier,)])[0]
    assert stale.version == fresh.version
    assert stale.source != fresh.source
    relay.drain(whole=True)
    index_at_once([stale], refresh=True)
    assert mirrored(shelf) == held([identifier])
    assert mirrored(shelf)[identifier]["price_cents"] == 2


def test_a_late_older_write_does_not_bring_a_deleted_row_back():
    shelf = new_id()
    row = Book.create(title="Going", tags={shelf}, refresh=True)
    late = read(Book, [row.key])[0]
    row.delete(refresh=True)
    relay.drain(whole=True)
    index_at_once([late], refresh=True)
    assert mirrored(shelf) == {}


def test_a_deleted_row_made_again_is_found_again():
    shelf = new_id()
    row = Book.create(title="Once", tags={shelf}, refresh=True)
    row.delete(refresh=True)
    Book.create(id=row.id, title="Twice", tags={shelf}, refresh=True)
    relay.drain(whole=True)
    assert mirrored(shelf)[row.id]["title"] == "Twice"


def test_a_delivery_interrupted_after_indexing_is_simply_done_again():
    shelf = new_id()
    with silence():
        row = Book.create(title="Twice delivered", tags={shelf})
    deliver([delivery_of(Book, row.key)], {"t_book": [search().alias("t_book")]})
    assert relay.lag().waiting >= 1
    relay.drain(whole=True)
    relay.drain(whole=True)
    assert mirrored(shelf) == held([row.id])
    assert relay.lag().waiting == 0


@pytest.mark.parametrize("is_indexed_at_once", [True, False])
def test_writes_without_a_batch_log_are_announced_before_and_mirrored(is_indexed_at_once):
    shelf = new_id()
    with no_batch_log(), nullcontext() if is_indexed_at_once else silence():
        kept, gone = Book.create(title="Kept", tags={shelf}), Book.create(title="Gone", tags={shelf})
        kept.update(title="Kept and changed")
        gone.delete()
        many = Book.create_many([{"title": f"Of many {number}", "tags": {shelf}} for number in range(70)])
    entries = [entry for shard in range(outbox.SHARDS) for entry in outbox.waiting(shard)]
    assert {entry.row_key for entry in entries if entry.is_intent} >= {key_text(row.key) for row in (kept, gone, *many)}
    relay.drain(whole=True)
    assert mirrored(shelf) == held([kept.id, *(row.id for row in many)])
    index_at_once([read(Book, [kept.key])[0], Document("t_book", gone.key, {"title": "Late"}, 1)], refresh=True)
    assert mirrored(shelf)[kept.id]["title"] == "Kept and changed"
    assert gone.id not in mirrored(shelf)


def test_a_batch_without_an_answer_in_time_is_written_in_order(monkeypatch):
    monkeypatch.setattr(announced, "BATCH_SECONDS", 0.000_001)
    shelf = new_id()
    try:
        rows = Book.create_many([{"title": f"Late {number}", "tags": {shelf}} for number in range(70)])
        assert store().batch_log_rests_until > time.monotonic()
    finally:
        store().batch_log_rests_until = 0.0
    relay.drain(whole=True)
    assert mirrored(shelf) == held([row.id for row in rows])


def test_an_intent_that_comes_before_its_row_leaves_nothing_in_the_index():
    key = (new_id(), "1")
    early = outbox.Delivery(
        0, uuid1(), "t_loan", key_text(key), outbox.INTENT, store().next_timestamp() + 3_600_000_000
    )
    assert deliver([early], {"t_loan": [search().alias("t_loan")]}) == {early}
    row, _ = Loan.create_if_absent(library=key[0], number=key[1], status="out", refresh=True)
    assert Loan.elastic("library", row.library).count() == 1


def test_what_waits_is_remembered_and_not_read_again(monkeypatch):
    row, _ = Loan.create_if_absent(library=new_id(), number="1", status="out")
    relay.drain(whole=True)
    mine = [d for shard in range(outbox.SHARDS) for d in outbox.waiting(shard) if row.library in d.row_key]
    assert [d.is_intent for d in mine] == [True]
    monkeypatch.setattr(relay.outbox, "waiting", lambda shard, since=None: iter(()))
    until = time.monotonic() + 10
    while relay.drain().kept and time.monotonic() < until:
        time.sleep(0.1)
    monkeypatch.undo()
    assert not [d for shard in range(outbox.SHARDS) for d in outbox.waiting(shard) if row.library in d.row_key]


def test_an_entry_that_could_not_be_delivered_is_tried_again_in_every_pass(monkeypatch):
    relay.drain(whole=True)
    with silence():
        row = Book.create(title="Tried again")
    with monkeypatch.context() as patched:
        patched.setattr(relay, "deliver", lambda deliveries, where, *, serial=False: set())
        assert relay.drain().failed >= 1
        monkeypatch.setattr(relay, "OVERLAP_SECONDS", -3600.0)
    assert relay.drain().done >= 1
    indexes.refresh()
    assert search().client.exists(index=search().alias("t_book"), id=row.id)


def test_old_markers_are_purged_and_young_ones_kept():
    row = Book.create(title="Marked", refresh=True)
    row.delete(refresh=True)
    assert purge(utc_now()) == 0
    index = indexes.current_index("t_book")
    old = Document("t_book", row.key, {"mirror_deleted_at": "2020-01-01T00:00:00Z"}, row._written_us + 1)
    index_at_once([old], refresh=True)
    assert purge(utc_now()) >= 1
    assert not search().client.exists(index=index, id=row.id)


def test_a_document_elasticsearch_refuses_keeps_its_entry_and_does_not_hold_up_others():
    shelf = new_id()
    with silence():
        bad = Book.create(title="Unfit", tags={shelf}, price_cents=7)
        good = Book.create(title="Fit", tags={shelf})
    index = indexes.create_index("t_book")
    refused, fine = read(Book, [bad.key])[0], delivery_of(Book, good.key)
    search().client.indices.put_settings(index=index, settings={"index.blocks.write": True})
    assert deliver([delivery_of(Book, bad.key), fine], {"t_book": [index]}) == set()
    search().client.indices.put_settings(index=index, settings={"index.blocks.write": False})
    assert deliver([delivery_of(Book, bad.key), fine], {"t_book": [index]}) == {delivery_of(Book, bad.key), fine}
    assert search().client.get(index=index, id=refused.id)["_source"]["price_cents"] == 7
    indexes.delete_orphans()


# verify and rebuild


def test_verify_names_missing_extra_and_stale_documents_and_repair_heals_them():
    relay.drain(whole=True)
    verify(Book, repair=True)
    missing, extra, stale = new_id(), new_id(), new_id()
    for identifier in (missing, stale):
        Book.create(id=identifier, title="Here", refresh=True)
    relay.drain(whole=True)
    index = indexes.current_index("t_book")
    search().client.delete(index=index, id=missing)
    search().client.index(index=index, id=extra, document={"id": extra, "title": "Ghost"})
    search().client.update(index=index, id=stale, doc={"title": "Altered"})
    indexes.refresh()
    drift = verify(Book)
    assert (drift.missing, drift.extra, drift.stale) == ([missing], [extra], [stale])
    assert verify(Book, repair=True).repaired == 3
    assert verify(Book).total == 0


def test_a_rebuild_while_writes_go_on_ends_equal():
    shelf, over = new_id(), threading.Event()
    Book.create_many([{"title": f"Old {n}", "tags": {shelf}} for n in range(400)])
    written: list[str] = []

    def write() -> None:
        while not over.is_set():
            row = Book.create(title="New", tags={shelf})
            written.append(row.id)
            if len(written) % 3 == 0:
                Book.find(written[-2]).update(title="Changed")
            if len(written) % 5 == 0:
                Book.find(written[-3]).delete()

    before = indexes.current_index("t_book")
    writing = threading.Thread(target=write)
    writing.start()
    try:
        assert rebuild(Book) >= 400
    finally:
        over.set()
        writing.join()
    assert indexes.current_index("t_book") != before
    assert target_indexes.rebuilding() == {}
    relay.drain(whole=True)
    assert verify(Book).total == 0
    assert indexes.delete_orphans() == []


def test_a_rebuild_waits_while_the_cluster_takes_no_documents(monkeypatch):
    Book.create_many([{"title": f"Patient {n}"} for n in range(50)])
    relay.drain(whole=True)
    pauses: list[float] = []

    def let_write(allowed: bool) -> None:
        for index in target_indexes.rebuilding().values():
            blocked = {"index.blocks.read_only_allow_delete": None if allowed else True}
            search().client.indices.put_settings(index=index, settings=blocked)

    def ranges(count: int) -> list[tuple[int, int]]:
        let_write(False)
        return token_ranges(count)

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        let_write(True)

    monkeypatch.setattr(rebuild_module, "token_ranges", ranges)
    monkeypatch.setattr(rebuild_module, "time", SimpleNamespace(sleep=sleep))
    assert rebuild(Book) >= 50
    assert pauses, "Elasticsearch answers 429 for an index that is blocked for want of space"
    assert verify(Book).total == 0


def test_a_rebuild_outlasts_a_moment_without_the_cluster(monkeypatch):
    Book.create_many([{"title": f"Patient {n}"} for n in range(50)])
    relay.drain(whole=True)
    send, faults, pauses = rebuild_module._refused, [SearchUnavailable("away")] * 3, []

    def stumble(*bulk: Any) -> list[dict[str, Any]]:
        if faults:
            raise faults.pop()
        return send(*bulk)

    monkeypatch.setattr(rebuild_module, "_refused", stumble)
    monkeypatch.setattr(rebuild_module, "time", SimpleNamespace(sleep=pauses.append))
    assert rebuild(Book) >= 50
    assert len(pauses) == 3
    assert verify(Book).total == 0


def test_a_change_during_a_rebuild_is_delivered_to_both_indexes():
    index = indexes.create_index("t_book")
    target_indexes.announce("t_book", index)
    try:
        row = Book.create(title="Both")
        relay.drain(whole=True)
        for name in (index, indexes.current_index("t_book")):
            assert search().client.get(index=name, id=row.id)["_source"]["title"] == "Both"
    finally:
        target_indexes.withdraw("t_book")
        assert indexes.delete_orphans() == [index]


def test_deleted_rows_leave_markers_that_no_query_sees():
    shelf = new_id()
    row = Book.create(title="Gone", tags={shelf}, refresh=True)
    row.delete(refresh=True)
    document = search().client.get(index=indexes.current_index("t_book"), id=row.id)
    assert set(document["_source"]) == {"mirror_deleted_at"}
    assert Book.elastic("tags", shelf).count() == 0
    assert marker("t_book", row.key, 1).source is not None


# dump and restore


def test_dump_after_restore_equals_the_dump_before(tmp_path):
    row = Book.create(title="Türkçe “quoted” 🎷", tags={"b", "a"}, pages=[2, 1], extras={"k": "v"}, secret="s")
    loan, _ = Loan.create_if_absent(library=new_id(), number="a:b", status="out", count=0)
    models = [Book, Loan, SeatEntry]
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    count = dump.dump(models, first)
    row.update(title="Changed since", price_cents=5)
    loan.update_if_unchanged(status="back")
    assert dump.restore(MODELS, first) == count
    dump.dump(models, second)
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_mode & 0o077 == 0
    relay.drain(whole=True)
    assert verify(Book).total == verify(Loan).total == 0


@pytest.mark.parametrize(
    "line",
    ["{", '{"model":"Nobody","id":"x","fields":{}}', '{"model":"Book","id":"x","fields":{"colour":"red"}}', "[]"],
)
def test_a_line_that_is_no_dump_is_named(tmp_path, line):
    file = tmp_path / "bad.jsonl"
    file.write_text('{"model":"Book","id":"x","fields":{"id":"x","title":"ok"}}\n' + line + "\n")
    with pytest.raises(dump.DumpUnreadable, match="Line 2"):
        dump.restore(MODELS, file)


def test_only_and_exclude_name_models():
    assert list(dump.models_named(MODELS, ["Book"], [])) == [Book]
    assert Book not in list(dump.models_named(MODELS, [], ["Book"]))
    with pytest.raises(ValueError, match="Nobody"):
        list(dump.models_named(MODELS, ["Nobody"], []))
