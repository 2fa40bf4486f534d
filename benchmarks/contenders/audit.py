"""Prints the stock ledger's balance of a product; fails when its entries do not sum to it."""

import sys

from app.env import load_settings
from app.models import StockEntry
from app.plugins import cassandra_cqlengine
from app.plugins.cassandra_cqlengine import ledger


def main(product_id: str) -> None:
    cassandra_cqlengine.configure(load_settings())
    name = f"product:{product_id}"
    ledger.audit(StockEntry, name)
    print(ledger.balance(StockEntry, name))


if __name__ == "__main__":
    main(sys.argv[1])
