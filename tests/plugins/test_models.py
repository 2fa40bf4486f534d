"""Rows: hooks, instants, refusals."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import islice

import pytest
from cassandra.cqlengine import ValidationError
from werkzeug.exceptions import NotFound

from app.plugins.cassandra_cqlengine import BulkWriteRefused, put_into, store, take_out_of
from app.utils.ids import new_id
from tests.plugins.data_models import Book, Hooked, Loan

pytestmark = pytest.mark.usefixtures("data_tables")


def test_create_runs_its_hooks_around_the_write_and_returns_the_row():
    row = Hooked.create(name="  Ada ")
    assert row.calls == ["before_create", "after_create"]
    assert Hooked.find(row.id).name == "Ada"


def test_update_of_a_fetched_row_runs_its_hooks_and_returns_the_row():
    row = Hooked.find(Hooked.create(name="Ada").id)
    assert row.update(name="Bea") is row
    assert row.calls == ["before_update", "after_update"]
    assert Hooked.find(row.id).name == "Bea"


def test_delete_of_a_fetched_row_runs_its_hooks():
    row = Hooked.find(Hooked.create(name="Ada").id)
    row.delete()
    assert row.calls == ["before_delete", "after_delete"]


def test_save_creates_a_new_row_and_updates_a_fetched_one():
    row = Hooked(id=new_id(), name="Ada")
    row.save()
    fetched = Hooked.find(row.id)
    fetched.name = "Bea"
    fetched.save()
    assert (row.calls, fetched.calls) == (["before_create", "after_create"], ["before_update", "after_update"])
    assert Hooked.find(row.id).name == "Bea"


def test_a_hook_that_raises_leaves_nothing_written():
    identifier = new_id()
    with pytest.raises(ValueError, match="not this one"):
        Hooked.create(id=identifier, name="forbidden")
    assert Hooked.find(identifier) is None


def test_updated_at_changes_with_each_update_and_created_at_never():
    row = Book.create(title="Tango")
    created = Book.find(row.id)
    row.update(title="Tango II")
    changed = Book.find(row.id)
    assert changed.created_at == created.created_at
    assert changed.updated_at > created.updated_at


@pytest.mark.parametrize("write", [lambda row: row.update(colour="red"), lambda row: row.update(id="other")])
def test_an_unknown_column_or_a_changed_key_raises_and_writes_nothing(write):
    row = Book.create(title="Tango")
    before = dict(Book.find(row.id))
    with pytest.raises(ValidationError):
        write(row)
    assert dict(Book.find(row.id)) == before


def test_create_with_an_unknown_column_raises_and_writes_nothing():
    identifier = new_id()
    with pytest.raises(ValidationError):
        Book.create(id=identifier, title="Tango", colour="red")
    assert Book.find(identifier) is None


def test_a_missing_required_value_raises_and_writes_nothing():
    identifier = new_id()
    with pytest.raises(ValidationError):
        Book.create(id=identifier)
    assert Book.find(identifier) is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: Book.objects(id="x").update(title="y"),
        lambda: Book.objects(id="x").delete(),
        lambda: Book.objects.create(id="x", title="y"),
        lambda: Book.objects.if_not_exists(),
        lambda: Book.objects(title="y").allow_filtering(),
    ],
)
def test_writes_past_the_instance_and_scans_are_refused(call):
    with pytest.raises(BulkWriteRefused):
        call()


def test_none_empties_a_cell():
    row = Book.create(title="Tango", price_cents=100, tags={"a"})
    row.update(price_cents=None, tags=set())
    read = Book.find(row.id)
    assert (read.price_cents, read.tags) == (None, set())


def test_containers_come_back_as_plain_python():
    row = Book.create(title="Tango", tags={"b", "a"}, pages=[3, 1], extras={"k": "v"})
    read = Book.find(row.id)
    assert (read.tags, read.pages, read.extras) == ({"a", "b"}, [3, 1], {"k": "v"})
    assert type(read.tags) is set


def test_elements_go_into_a_set_and_out_of_it_one_by_one():
    row = Book.create(title="Tango", tags={"a"})
    stale = [Book.find(row.id) for _ in range(4)]
    for reader, element in zip(stale, "bcde", strict=True):
        put_into(reader, "tags", element)
    assert Book.find(row.id).tags == {"a", "b", "c", "d", "e"}
    assert take_out_of(stale[0], "tags", "a").tags == {"b"}
    take_out_of(stale[1], "tags", "missing")
    changed = Book.find(row.id)
    assert changed.tags == {"b", "c", "d", "e"}
    assert changed.updated_at >= row.updated_at
    put_into(changed, "tags", "f", refresh=True)
    assert Book.elastic("id", row.id).documents()[0]["tags"] == ["b", "c", "d", "e", "f"]
    with pytest.raises(TypeError):
        put_into(Loan.create_if_absent(library="x", number=new_id())[0], "status", "open")


def test_instants_are_aware_utc_at_milliseconds():
    moment = datetime(2026, 7, 1, 12, 30, 15, 123_999, tzinfo=UTC)
    row = Book.create(title="Tango", published_at=moment)
    assert row.published_at == datetime(2026, 7, 1, 12, 30, 15, 123_000, tzinfo=UTC)
    assert Book.find(row.id).published_at == datetime(2026, 7, 1, 12, 30, 15, 123_000, tzinfo=UTC)


def test_an_instant_of_another_zone_is_refused():
    berlin = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    with pytest.raises(ValidationError):
        Book.create(title="Tango", published_at=berlin)


def test_reads_by_key_see_a_write_at_once():
    row = Book.create(title="Tango")
    assert Book.objects(id=row.id).first().title == "Tango"
    assert [found.id for found in Book.objects(id__in=[row.id, "missing"])] == [row.id]
    assert [found.id for found in Book.find_many(["missing", row.id])] == [row.id]
    assert Book.objects(id="missing").first() is None
    assert Book.find("missing") is None
    assert [found.id for found in Book.objects(id=row.id).all()] == [row.id]


def test_first_or_404_of_a_missing_row_is_a_404():
    with pytest.raises(NotFound):
        Book.objects(id="missing").first_or_404()


def test_create_many_writes_all_rows():
    rows = Book.create_many([{"title": f"Volume {number}"} for number in range(150)])
    assert len(Book.find_many([row.id for row in rows])) == 150


def test_a_writer_whose_clock_is_behind_still_changes_what_it_has_read():
    ahead = store().next_timestamp(store().next_timestamp() + 3_600_000_000)
    row = Book.create(title="Tango")
    row._written_us = ahead
    row.update(title="From the future")
    fetched = Book.find(row.id)
    store()._last_microseconds = 0
    fetched.update(title="Today")
    assert Book.find(row.id).title == "Today"
    Book.find(row.id).delete()
    assert Book.find(row.id) is None


def test_a_lost_node_is_tried_again_soon_and_for_ever():
    delays = islice(store().new_cluster().reconnection_policy.new_schedule(), 1000)
    assert max(delays) < 2
    assert len(list(islice(store().new_cluster().reconnection_policy.new_schedule(), 1000))) == 1000


def test_a_read_that_waits_for_a_dead_node_is_soon_sent_to_another():
    cql = "SELECT speculative_retry FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?"
    row = store().execute(cql, [store().keyspace, "t_book"]).one()
    assert row["speculative_retry"] == Book.__options__["speculative_retry"]
