"""What the catalog reads and answers on the wire."""

from app.net.schemas.catalog.changes import CourseIn, ProductIn
from app.net.schemas.catalog.items import CategoryList, CategoryOut, ItemList, ItemSummary
from app.net.schemas.catalog.listing import CourseQuery, ManagedQuery, ProductQuery
from app.net.schemas.catalog.values import ItemPath, SellerPath

__all__ = [
    "CategoryList",
    "CategoryOut",
    "CourseIn",
    "CourseQuery",
    "ItemList",
    "ItemPath",
    "ItemSummary",
    "ManagedQuery",
    "ProductIn",
    "ProductQuery",
    "SellerPath",
]
