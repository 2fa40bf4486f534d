"""What is sold: courses and products, the tree they hang in, their names and their stock."""

from app.plugins.cassandra_cqlengine import ConditionalModel, LedgerModel, Model, columns
from app.plugins.cassandra_cqlengine_elastic import MirroredModel
from app.utils.ids import new_id


class CatalogItem(MirroredModel):
    """What courses and products have in common. Read path: one item by id.

    `stock_available` and `in_stock` are display copies of the ledger's balance; a sale never reads them.
    `category_path` holds the slugs from the root to the item's own category, so that one filter finds children too.
    `owner_id`, `seller_name` and `seller_slug` are copies of the seller's row, for lists that must not join.
    """

    __abstract__ = True

    id = columns.Text(primary_key=True, default=new_id)
    seller_kind = columns.Text(required=True)
    seller_id = columns.Text(required=True)
    seller_name = columns.Text(required=True)
    seller_slug = columns.Text(required=True)
    owner_id = columns.Text(required=True)
    title = columns.Text(required=True)
    slug = columns.Text(required=True)
    description = columns.Text()
    category = columns.Text()
    category_path = columns.List(columns.Text())
    status = columns.Text(required=True, default="draft")
    price_cents = columns.BigInt(required=True)
    currency = columns.Text(required=True)
    price_band = columns.Text()
    cover = columns.Text()
    pictures = columns.List(columns.Text())
    is_stock_tracked = columns.Boolean(required=True, default=False)
    stock_available = columns.BigInt()
    in_stock = columns.Boolean(required=True, default=True)
    sales_count = columns.BigInt(required=True, default=0)
    like_count = columns.BigInt(required=True, default=0)
    rating = columns.Double()
    rating_count = columns.Integer(required=True, default=0)
    published_at = columns.DateTime()
    first_ordered_at = columns.DateTime()

    @property
    def is_published(self) -> bool:
        return self.status == "published"


class Course(CatalogItem):
    """A course of a school. Read path: one course by id. Its seats, when limited, are its tracked stock."""

    __table_name__ = "course"

    level = columns.Text()
    class_ids = columns.List(columns.Text())


class Product(CatalogItem):
    """Goods of a store. Read path: one product by id. The sku is unique in its store (see CatalogName)."""

    __table_name__ = "product"

    sku = columns.Text()
    barcode = columns.Text()
    brand = columns.Text()
    compare_at_cents = columns.BigInt()
    attributes = columns.Map(columns.Text(), columns.Text())


class Category(MirroredModel):
    """One node of the category tree. Read path: the whole tree, which is one small partition."""

    __table_name__ = "category"

    tree = columns.Text(partition_key=True)
    slug = columns.Text(primary_key=True)
    parent_slug = columns.Text()
    name = columns.Text(required=True)
    path = columns.List(columns.Text())
    position = columns.Integer(required=True, default=0)
    motif = columns.Text()


class CatalogName(ConditionalModel):
    """A name that only one row may have: a slug, or a sku in a store. Read path: who holds this name.

    name: `product:slug:<slug>`, `course:slug:<slug>`, `store:slug:<slug>`, `school:slug:<slug>`,
    `sku:<store_id>:<sku>`.
    """

    __table_name__ = "catalog_name"

    name = columns.Text(primary_key=True)
    item_id = columns.Text(required=True)
    claimed_at = columns.DateTime(required=True)


class StockEntry(LedgerModel):
    """One movement of stock or seats. Read path: all movements and the balance of `product:<id>` or `course:<id>`."""

    __table_name__ = "stock_entry"


class ImportRun(ConditionalModel, MirroredModel):
    """One catalog file being read, or read. Read path: one run by id.

    `heartbeat_at` shows that a runner lives; `row_done` is the last row whose effects are all stored, so a new
    runner goes on behind it. `fingerprint` is the file's SHA-256. `counts` is JSON: outcome → rows.
    """

    __table_name__ = "import_run"

    id = columns.Text(primary_key=True, default=new_id)
    seller_kind = columns.Text(required=True)
    seller_id = columns.Text(required=True)
    started_by = columns.Text(required=True)
    kind = columns.Text(required=True)
    is_dry_run = columns.Boolean(required=True, default=False)
    file_name = columns.Text(required=True)
    file_path = columns.Text(required=True)
    file_bytes = columns.BigInt(required=True)
    fingerprint = columns.Text(required=True)
    status = columns.Text(required=True, default="queued")
    runner = columns.Text()
    heartbeat_at = columns.DateTime()
    row_total = columns.Integer(required=True, default=0)
    row_done = columns.Integer(required=True, default=0)
    counts = columns.Text(required=True, default="{}")
    failure = columns.Text()
    finished_at = columns.DateTime()


class ImportFault(Model):
    """One refused line or one warning of an import. Read path: all of a run, in the file's order."""

    __table_name__ = "import_fault"

    run_id = columns.Text(partition_key=True)
    row = columns.Integer(primary_key=True)
    column = columns.Text(primary_key=True)
    code = columns.Text(primary_key=True)
    line = columns.Integer(required=True)
    message = columns.Text(required=True)
    is_warning = columns.Boolean(required=True, default=False)
