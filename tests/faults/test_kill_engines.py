"""kill -9 of Elasticsearch and of Cassandra while people buy, on engines of this file's own."""

import logging
import time
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from app.models import Product
from app.plugins import embedded_engines
from app.plugins.cassandra_cqlengine import store
from app.plugins.cassandra_cqlengine_elastic import indexes, relay
from app.plugins.cassandra_cqlengine_elastic.delivery import index_at_once, read
from app.plugins.cassandra_cqlengine_elastic.verify import verify
from app.plugins.embedded_engines import EnginePair
from app.utils.errors import SearchUnavailable, StoreUnavailable
from tests.factories import make_product, make_store
from tests.faults import auditing
from tests.faults.buyers import BACK_SECONDS, Buyers, buying
from tests.faults.serving import connected, embedded_settings, made, own_stores, served, verified, wait_for
from tests.purchases import make_goods
from tests.shopper import error_code

log = logging.getLogger(__name__)

PIECES = 10_000
SEARCH_AWAY_SECONDS = 30
STORE_AWAY_SECONDS = 10


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EnginePair]:
    """Both engines in a folder of their own, with empty stores that this process is connected to."""
    folder = tmp_path_factory.mktemp("engines")
    wanted = embedded_settings(folder)
    with embedded_engines.running(wanted) as endpoints:
        pair = EnginePair(wanted)
        own = made(own_stores(endpoints.applied_to(wanted), "kill", folder))
        pair.settings = replace(own, engines="embedded")
        with connected(own):
            yield pair


def assert_whole(engines: EnginePair, buyers: Buyers) -> None:
    """Nothing acknowledged is lost, nothing is half done, and both stores are equal."""
    wait_for(_is_connected, 30)
    wait_for(lambda: not auditing.half_done(buyers.people), 200, lambda: auditing.half_done(buyers.people))
    assert auditing.faults(buyers.people, buyers.goods, PIECES) == []
    verified(engines.settings)


def test_elasticsearch_is_killed_for_30_seconds_under_writes(engines: EnginePair):
    goods = [make_goods("product", left=PIECES, title="Walnut desk lamp")]
    with served(engines.settings) as site:
        with buying(site.address, goods) as buyers:
            journal = buyers.people[0].journal
            engines.elasticsearch.kill()
            killed_at, paid_before = time.monotonic(), buyers.paid()
            put_off = journal.put_off.total()
            look = httpx.Client(base_url=site.address, timeout=30)
            wait_for(lambda: error_code(look.get("/api/products", params={"q": "lamp"})) == "search_unavailable", 10)
            reads = 0
            while time.monotonic() - killed_at < SEARCH_AWAY_SECONDS:
                assert look.get(f"/api/products/{goods[0].id}").status_code == 200
                search = look.get("/api/products", params={"q": "lamp"})
                assert (search.status_code, error_code(search)) == (503, "search_unavailable")
                reads += 1
                time.sleep(0.5)
            own = look.get("/api/orders", headers=buyers.people[0].headers)
            assert (own.status_code, error_code(own)) == (503, "search_unavailable")
            assert look.get("/health").status_code == 200
            meanwhile = buyers.paid() - paid_before
            assert meanwhile > 0
            assert journal.put_off.total() == put_off, "no write is refused because search is away"
            waiting = relay.lag().waiting
            embedded_engines.revive(engines.settings)
            wait_for(lambda: look.get("/api/products", params={"q": "lamp"}).status_code == 200, BACK_SECONDS)
        drained = wait_for(lambda: relay.lag().waiting == 0, BACK_SECONDS, relay.lag)
        log.warning(
            "search away: %d purchases, %d key reads; %d entries drained in %.1f s", meanwhile, reads, waiting, drained
        )
        assert_whole(engines, buyers)


def test_cassandra_is_killed_for_10_seconds_under_writes(engines: EnginePair):
    goods = [make_goods("product", left=PIECES), make_goods("product", left=PIECES)]
    with served(engines.settings) as site:
        workers = [process.pid for process in site.processes()]
        with buying(site.address, goods) as buyers:
            engines.cassandra.kill()
            killed_at = time.monotonic()
            while time.monotonic() - killed_at < STORE_AWAY_SECONDS:
                answer = httpx.get(f"{site.address}/api/products/{goods[0].id}", timeout=40)
                assert (answer.status_code, error_code(answer)) == (503, "store_unavailable")
                page = httpx.get(f"{site.address}/sandbox/pay/any", headers=buyers.people[0].headers, timeout=40)
                assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
                assert httpx.get(f"{site.address}/health", timeout=30).status_code == 200
                time.sleep(0.2)
            embedded_engines.revive(engines.settings)
            revived_at = time.monotonic()
            wait_for(
                lambda: httpx.get(f"{site.address}/api/products/{goods[0].id}", timeout=40).status_code == 200,
                BACK_SECONDS,
            )
            log.warning(
                "Cassandra was away for %.1f s; read again %.1f s after it answered",
                revived_at - killed_at,
                time.monotonic() - revived_at,
            )
        put_off = buyers.people[0].journal.put_off
        assert put_off[503, "store_unavailable"] + put_off[503, "page"] > 0
        assert [process.pid for process in site.processes()] == workers, "the same processes went on"
        site.wait_until_ready()
        assert_whole(engines, buyers)


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_older_documents_replayed_after_a_restart_do_not_bring_deleted_rows_back(engines: EnginePair, how: str):
    store = make_store()
    rows = [make_product(f"Ephemeral lamp {number}", store=store) for number in range(30)]
    older = read(Product, [row.key for row in rows])
    for row in rows:
        row.update(brand="Later")
    newer = read(Product, [row.key for row in rows])
    relay.drain(whole=True)
    indexes.refresh()
    assert Product.elastic("seller_id", store.id).count() == len(rows)
    for number, row in enumerate(rows):
        if number % 3:  # a third of them stays
            row.delete()
    relay.drain(whole=True)
    if how == "SIGKILL":
        engines.elasticsearch.kill()
        engines.elasticsearch.launch()
        engines.elasticsearch.wait_until_ready()
    else:
        engines.elasticsearch.restart()
    wait_for(lambda: _counts(store.id), BACK_SECONDS)
    for document in [*newer, *reversed(older)]:
        index_at_once([document])
    index_at_once(older)
    indexes.refresh()
    left = {row.id for number, row in enumerate(rows) if number % 3 == 0}
    found = {document["id"]: document["brand"] for document in Product.elastic("seller_id", store.id).documents()}
    assert found == dict.fromkeys(left, "Later")
    drift = verify(Product)
    assert drift.total == 0, str(drift)


def _is_connected() -> bool:
    """Whether this process, which audits, has found Cassandra again."""
    try:
        return store().execute("SELECT release_version FROM system.local").one() is not None
    except StoreUnavailable:
        return False


def _counts(seller_id: str) -> bool:
    try:
        return Product.elastic("seller_id", seller_id).count() >= 0
    except SearchUnavailable:
        return False
