"""Puts goods with counted stock on sale, through the services; `python -m benchmarks.contenders.goods COUNT STOCK`.

Prints their ids as a JSON list.
"""

import json
import sys

from app.elastic import INDEXES
from app.env import load_settings
from app.plugins import cassandra_cqlengine, cassandra_cqlengine_elastic
from app.services import catalog, stores
from app.services.catalog.items import ItemValues
from app.utils.clock import utc_now
from app.utils.ids import new_id


def main(count: int, stock: int) -> None:
    settings = load_settings()
    cassandra_cqlengine.configure(settings)
    cassandra_cqlengine_elastic.configure(settings, INDEXES)
    now = utc_now()
    profile = stores.SellerProfile(name="Bench store", currency="USD")
    store = stores.open_store(profile, owner_id=new_id(), seller_id=new_id(), now=now)
    ids = []
    for number in range(count):
        values = ItemValues(title=f"Thing {number}", price="19.90", status="published", stock=stock)
        ids.append(catalog.items.create_item("product", values, seller=store, item_id=new_id(), now=now).id)
    print(json.dumps(ids))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
