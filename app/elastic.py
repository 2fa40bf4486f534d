"""Index definitions, as data: which columns of a mirrored table are searchable, and as what.

A column that is not listed is not sent. Secrets are never listed.
"""

Columns = dict[str, dict[str, str]]

KEYWORD = {"type": "keyword"}
TEXT = {"type": "text"}
INTEGER = {"type": "integer"}
LONG = {"type": "long"}
DOUBLE = {"type": "double"}
BOOLEAN = {"type": "boolean"}
DATE = {"type": "date"}
OBJECT = {"type": "object"}

_CATALOG_ITEM: Columns = {
    "id": KEYWORD,
    "seller_kind": KEYWORD,
    "seller_id": KEYWORD,
    "seller_name": TEXT,
    "seller_slug": KEYWORD,
    "owner_id": KEYWORD,
    "title": TEXT,
    "slug": KEYWORD,
    "description": TEXT,
    "category": KEYWORD,
    "category_path": KEYWORD,
    "status": KEYWORD,
    "price_cents": LONG,
    "currency": KEYWORD,
    "price_band": KEYWORD,
    "cover": KEYWORD,
    "stock_available": LONG,
    "in_stock": BOOLEAN,
    "sales_count": LONG,
    "like_count": LONG,
    "rating": DOUBLE,
    "rating_count": INTEGER,
    "published_at": DATE,
    "created_at": DATE,
    "updated_at": DATE,
}
_SELLER: Columns = {
    "id": KEYWORD,
    "owner_id": KEYWORD,
    "name": TEXT,
    "slug": KEYWORD,
    "tagline": TEXT,
    "description": TEXT,
    "logo": KEYWORD,
    "cover": KEYWORD,
    "city": KEYWORD,
    "country": KEYWORD,
    "currency": KEYWORD,
    "is_active": BOOLEAN,
    "rating": DOUBLE,
    "rating_count": INTEGER,
    "created_at": DATE,
}

INDEXES: dict[str, Columns] = {
    "category": {
        "tree": KEYWORD,
        "slug": KEYWORD,
        "parent_slug": KEYWORD,
        "name": TEXT,
        "path": KEYWORD,
        "position": INTEGER,
    },
    "course": {**_CATALOG_ITEM, "level": KEYWORD},
    "import_run": {
        "id": KEYWORD,
        "seller_kind": KEYWORD,
        "seller_id": KEYWORD,
        "started_by": KEYWORD,
        "kind": KEYWORD,
        "is_dry_run": BOOLEAN,
        "file_name": TEXT,
        "fingerprint": KEYWORD,
        "status": KEYWORD,
        "heartbeat_at": DATE,
        "row_total": INTEGER,
        "row_done": INTEGER,
        "created_at": DATE,
        "finished_at": DATE,
    },
    "product": {
        **_CATALOG_ITEM,
        "sku": KEYWORD,
        "barcode": KEYWORD,
        "brand": KEYWORD,
        "compare_at_cents": LONG,
    },
    "school": _SELLER,
    "store": _SELLER,
    "user": {
        "id": KEYWORD,
        "username": TEXT,
        "email": TEXT,
        "phone": KEYWORD,
        "first_name": TEXT,
        "last_name": TEXT,
        "is_student": BOOLEAN,
        "is_teacher": BOOLEAN,
        "is_seller": BOOLEAN,
        "is_admin": BOOLEAN,
        "is_superuser": BOOLEAN,
        "is_staff": BOOLEAN,
        "roles": KEYWORD,
        "status": KEYWORD,
        "referral_code": KEYWORD,
        "city": KEYWORD,
        "country": KEYWORD,
        "locale": KEYWORD,
        "last_login_at": DATE,
        "created_at": DATE,
        "updated_at": DATE,
    },
}
