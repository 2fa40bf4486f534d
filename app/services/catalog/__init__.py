"""The catalog's rules; import what is needed from its modules: items, listing, search, stock, imports."""

from app.services.catalog.items import (
    SELLER_OF,
    ItemValues,
    create_item,
    delete_item,
    find_item,
    managed_item,
    read_item,
    update_item,
)
from app.services.catalog.listing import ItemFilter, ItemPage, list_items, list_managed
from app.services.catalog.stock import refresh_availability

__all__ = [
    "SELLER_OF",
    "ItemFilter",
    "ItemPage",
    "ItemValues",
    "create_item",
    "delete_item",
    "find_item",
    "list_items",
    "list_managed",
    "managed_item",
    "read_item",
    "refresh_availability",
    "update_item",
]
