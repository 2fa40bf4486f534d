"""Imports from file to catalog: every good row stored, every other one reported, whatever is repeated or crashes."""

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

import pytest

from app.models import Course, ImportFault, ImportRun, Product
from app.services import names
from app.services.accounts import Rights
from app.services.catalog import delete_item, find_item, imports, stock
from app.services.catalog.imports import ImportRequest
from app.services.catalog.imports.reading import ColumnMissing, WrongEncoding
from app.services.catalog.imports.runner import RunnerReplaced
from app.services.catalog.imports.runs import ImportRunning
from app.utils.clock import utc_now
from app.utils.errors import InvalidValue, NotFound, StoreUnavailable
from app.utils.ids import new_id
from tests.catalog_file import write_catalog
from tests.factories import make_category, make_product, make_school, make_store

pytestmark = pytest.mark.usefixtures("stores")


@pytest.fixture
def send(stores):
    """Call it: the file is accepted as an import of this seller; returns the run, not yet started."""

    def sent(seller, text: str | bytes, *, kind: str = "product", dry_run: bool = False, bytes_max: int = 10**8):
        request = ImportRequest(
            new_id(), kind, seller, seller.owner_id, "catalog.csv", stores.data_folder / "imports", bytes_max, dry_run
        )
        content = text.encode() if isinstance(text, str) else text
        return imports.start_import(request, BytesIO(content), utc_now())

    return sent


def counts(run: ImportRun) -> dict[str, int]:
    """Outcome → rows, those without any left out."""
    return {outcome: rows for outcome, rows in json.loads(run.counts).items() if rows}


def product_of(store, sku: str) -> Product | None:
    item_id = names.holder(names.sku_name(store.id, sku))
    return find_item("product", item_id) if item_id else None


def faults_of(run: ImportRun) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.code) for fault in ImportFault.objects(run_id=run.id).limit(None)]


def test_good_rows_are_stored_and_bad_ones_reported(send):
    store = make_store(currency="EUR")
    run = imports.run_import(
        send(store, "sku,name,price,stock,brand\nA,Lamp,5,3,Zed\nB,,x,1,\nC,Chair,7.50,,\nD,Table,9,-1,\n").id
    )
    assert run.status == "done"
    assert counts(run) == {"rows": 4, "created": 2, "refused": 2, "faults": 3}
    assert faults_of(run) == [(3, "price", "bad_price"), (3, "title", "blank"), (5, "stock", "bad_stock")]
    lamp, chair = product_of(store, "A"), product_of(store, "C")
    assert (lamp.title, lamp.price_cents, lamp.currency, lamp.stock_available, lamp.brand) == (
        "Lamp",
        500,
        "EUR",
        3,
        "Zed",
    )
    assert (chair.is_stock_tracked, chair.stock_available, chair.status) == (False, None, "published")
    assert stock.available(stock.item_ref("product", lamp.id)) == 3
    assert find_item("product", lamp.slug).id == lamp.id


def test_a_second_file_updates_only_what_it_says(send):
    store = make_store()
    imports.run_import(send(store, "sku,name,price,stock,brand,description\nA,Lamp,5,3,Zed,Nice\nB,Chair,7,2,,\n").id)
    before = product_of(store, "A")
    run = imports.run_import(send(store, "sku,name,price,stock,brand\nA,Lamp,6,8,\nB,Chair,7,2,\n").id)
    assert counts(run) == {"rows": 2, "updated": 1, "unchanged": 1}
    after = product_of(store, "A")
    assert (after.id, after.slug) == (before.id, before.slug)
    assert (after.price_cents, after.stock_available, after.brand, after.description) == (600, 8, "Zed", "Nice")


def test_a_course_file_finds_courses_by_slug(send):
    school, slug = make_school(), f"salsa-{new_id()}".lower()
    text = f"slug,title,price,level,seats\n{slug},Salsa,100,Beginner,16\n"
    imports.run_import(send(school, text, kind="course").id)
    run = imports.run_import(send(school, text.replace("100", "120"), kind="course").id)
    assert counts(run)["updated"] == 1
    course = find_item("course", slug)
    assert isinstance(course, Course)
    assert (course.price_cents, course.level, course.stock_available) == (12000, "beginner", 16)


def test_another_sellers_slug_is_refused(send):
    slug = f"salsa-{new_id()}".lower()
    text = f"slug,title,price\n{slug},Salsa,100\n"
    imports.run_import(send(make_school(), text, kind="course").id)
    run = imports.run_import(send(make_school(), text.replace("100", "1"), kind="course").id)
    assert faults_of(run) == [(2, "slug", "slug_taken")]
    assert find_item("course", slug).price_cents == 10000


def test_of_a_repeated_sku_the_last_row_wins_with_a_warning(send):
    store = make_store()
    run = imports.run_import(send(store, "sku,name,price\nA,First,1\nB,Other,2\nA,Last,3\n").id)
    assert counts(run) == {"rows": 3, "created": 2, "repeated": 1, "faults": 1}
    assert faults_of(run) == [(4, "sku", "repeated")]
    assert product_of(store, "A").title == "Last"


def test_a_dry_run_stores_nothing(send):
    store = make_store()
    imports.run_import(send(store, "sku,name,price\nA,Lamp,1\n").id)
    run = imports.run_import(send(store, "sku,name,price\nA,Lamp,2\nB,Chair,3\nC,,x\n", dry_run=True).id)
    assert counts(run) == {"rows": 3, "created": 1, "updated": 1, "refused": 1, "faults": 2}
    assert product_of(store, "A").price_cents == 100
    assert product_of(store, "B") is None


def test_the_same_file_while_it_is_read_is_refused_and_later_taken(send):
    store, text = make_store(), "sku,name,price\nA,Lamp,1\n"
    run = send(store, text)
    with pytest.raises(ImportRunning) as refusal:
        send(store, text)
    assert refusal.value.details == {"run_id": run.id}
    send(make_store(), text)
    imports.run_import(run.id)
    assert counts(imports.run_import(send(store, text).id))["unchanged"] == 1


def test_a_refused_file_leaves_nothing_behind(send, stores):
    store = make_store()
    before = set((stores.data_folder / "imports").glob("*"))
    for text, refusal in (
        ("sku,price\nA,1\n", ColumnMissing),
        (b"sku,name,price\nA,Caf\xe9,1\n", WrongEncoding),
        ("", InvalidValue),
    ):
        with pytest.raises(refusal):
            send(store, text)
    with pytest.raises(InvalidValue):
        send(store, "sku,name,price\n" + "A,Lamp,1\n" * 500, bytes_max=1000)
    assert set((stores.data_folder / "imports").glob("*")) == before


def test_a_run_that_was_cut_off_goes_on_and_ends_the_same(send, tmp_path):
    store, category = make_store(), make_category()
    written = write_catalog(tmp_path / "catalog.csv", 1200, categories=(category.slug,), faulty=0.05)
    run = send(store, written.path.read_bytes())
    begun, instants = utc_now(), iter(range(10_000))

    def dying_clock():
        if next(instants) > 5:
            raise StoreUnavailable("the process is gone")
        return begun

    with pytest.raises(StoreUnavailable):
        imports.run_import(run.id, clock=dying_clock)
    half = ImportRun.find_serial(run.id)
    assert half.status == "running" and 0 < half.row_done < 1200
    with pytest.raises(RunnerReplaced):
        imports.run_import(run.id, clock=lambda: begun + timedelta(seconds=59))
    done = imports.run_import(run.id, clock=lambda: begun + timedelta(seconds=61))
    assert done.status == "done"
    found = Counter(fault.code for fault in ImportFault.objects(run_id=run.id).limit(None))
    assert found == Counter({**written.refused, "repeated": written.repeated}) + Counter()
    assert counts(done)["rows"] == 1200
    for sku, left in list(written.stock.items())[::97]:
        item = product_of(store, sku)
        assert item.stock_available == left
        assert left is None or stock.available(stock.item_ref("product", item.id)) == left


def test_of_two_runners_one_works(send):
    run = send(make_store(), "sku,name,price\n" + "".join(f"S{n},Lamp,1\n" for n in range(200)))

    def work(_: int) -> str:
        try:
            return imports.run_import(run.id).status
        except RunnerReplaced:
            return "replaced"

    with ThreadPoolExecutor(2) as pool:
        outcomes = set(pool.map(work, range(2)))
    assert "done" in outcomes
    assert counts(ImportRun.find_serial(run.id))["created"] == 200


def test_abandoned_runs_are_taken_up_by_the_job(send, refresh_index):
    run = send(make_store(), "sku,name,price\nA,Lamp,1\n")
    refresh_index()
    imports.resume_imports(1, run.heartbeat_at + timedelta(seconds=59))
    assert ImportRun.find_serial(run.id).status == "queued"
    assert imports.resume_imports(1, run.heartbeat_at + timedelta(seconds=61)) >= 1
    for thread in threading.enumerate():
        if thread.name == f"import-{run.id}":
            thread.join(timeout=30)
    assert ImportRun.find_serial(run.id).status == "done"


def test_runs_and_reports_are_their_sellers_own(send):
    store = make_store()
    run = imports.run_import(send(store, "sku,name,price\n" + ",,\n,x,y\n" * 3).id)
    assert imports.read_run(run.id, Rights(store.owner_id)).id == run.id
    with pytest.raises(NotFound):
        imports.read_run(run.id, Rights(new_id()))
    pages, after = [], None
    while True:
        page, after = imports.list_faults(run, size=2, after=after)
        pages += [(fault.row, fault.column) for fault in page]
        if after is None:
            break
    assert pages == [(3, "price"), (3, "sku"), (5, "price"), (5, "sku"), (7, "price"), (7, "sku")]


def test_an_import_never_touches_what_was_deleted(send):
    store = make_store()
    delete_item(make_product(store=store, sku="A"))
    run = imports.run_import(send(store, "sku,name,price\nA,Lamp,1\n").id)
    assert counts(run)["created"] == 1


def test_the_template_is_a_file_that_is_taken(send):
    run = imports.run_import(send(make_store(), imports.template("product")).id)
    assert counts(run)["created"] == 1
