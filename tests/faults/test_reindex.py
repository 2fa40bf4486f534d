"""An index is filled anew while writes go on; afterwards it is exactly what Cassandra holds."""

from collections.abc import Iterator

import pytest

from app.env import Settings
from app.models import Product
from app.plugins.cassandra_cqlengine.scan import every_row
from app.plugins.cassandra_cqlengine_elastic import indexes
from tests.faults.reindex_200000 import Writers, fill
from tests.faults.serving import connected, db, made, own_stores, removed, verified

ROWS = 5_000


@pytest.fixture
def place(settings: Settings, tmp_path) -> Iterator[Settings]:
    own = made(own_stores(settings, "reindex", tmp_path))
    with connected(own):
        yield own
        removed(own)


def test_a_rebuild_under_writes_ends_equal(place: Settings):
    fill(ROWS)
    before = indexes.current_index("product")
    with Writers([row["id"] for row in every_row(Product)]) as writers:
        ended = db(place, "--elastic")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert writers.faults == []
    assert min(writers.done.values()) > 0
    assert indexes.current_index("product") != before
    printed = verified(place)
    rows = sum(1 for _ in every_row(Product))
    assert f"product: {rows} rows, equal" in printed
    indexes.refresh()
    assert Product.elastic().count() == rows
