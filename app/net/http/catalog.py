"""Courses, products and categories: lists, pages, and what sellers change."""

from flask import Response, current_app

from app.env import Settings
from app.net.answers import created, created_answer, list_answer, listed, no_content, no_content_answer, one, one_answer
from app.net.middlewares.access import current_user, permission_required, public
from app.net.middlewares.blueprints import ApiBlueprint
from app.net.pages import after_of, next_of
from app.net.preconditions import ensure_unchanged
from app.net.schemas.catalog import (
    CategoryList,
    CategoryOut,
    CourseIn,
    CourseQuery,
    ItemList,
    ItemPath,
    ItemSummary,
    ManagedQuery,
    ProductIn,
    ProductQuery,
)
from app.services import catalog as catalog_service
from app.services import stores as store_service
from app.services.catalog import categories as category_service
from app.utils.clock import utc_now
from app.utils.ids import new_id

catalog = ApiBlueprint("catalog", url_prefix="/api", tag="Catalog")

WRITE = "catalog.item.write"


@catalog.get("/courses", answers={200: ItemList})
@public
def list_courses(query: CourseQuery) -> Response:
    """Published courses, filtered and sorted, with the facets' counts."""
    return _listed("course", query)


@catalog.get("/products", answers={200: ItemList})
@public
def list_products(query: ProductQuery) -> Response:
    """Published products, filtered and sorted, with the facets' counts."""
    return _listed("product", query)


@catalog.get("/courses/<string:item>", answers=one_answer(ItemSummary), errors=(401,))
@public
def read_course(path: ItemPath) -> Response:
    """One course by id or slug; a draft only for those who may change it."""
    return _shown("course", path)


@catalog.get("/products/<string:item>", answers=one_answer(ItemSummary), errors=(401,))
@public
def read_product(path: ItemPath) -> Response:
    """One product by id or slug; a draft only for those who may change it."""
    return _shown("product", path)


@catalog.get("/categories", answers={200: CategoryList})
@public
def list_categories() -> Response:
    """The whole category tree."""
    tree = CategoryList(data=[CategoryOut.of(row) for row in category_service.list_categories()])
    return Response(tree.model_dump_json(), mimetype="application/json")


@catalog.get("/school/courses", answers=list_answer(ItemSummary))
@permission_required(WRITE)
def list_own_courses(query: ManagedQuery) -> Response:
    """The courses of the user's own schools, drafts and archived ones included."""
    return _managed("course", query)


@catalog.get("/store/products", answers=list_answer(ItemSummary))
@permission_required(WRITE)
def list_own_products(query: ManagedQuery) -> Response:
    """The products of the user's own stores, drafts and archived ones included."""
    return _managed("product", query)


@catalog.post("/school/courses", answers=created_answer(ItemSummary), errors=(404, 409), idempotent=True)
@permission_required(WRITE)
def create_course(body: CourseIn) -> Response:
    """A new course in the user's school."""
    return _create("course", body, body.school_id)


@catalog.post("/store/products", answers=created_answer(ItemSummary), errors=(404, 409), idempotent=True)
@permission_required(WRITE)
def create_product(body: ProductIn) -> Response:
    """A new product in the user's store."""
    return _create("product", body, body.store_id)


@catalog.put("/school/courses/<string:item>", answers=one_answer(ItemSummary), errors=(409,))
@permission_required(WRITE)
def update_course(path: ItemPath, body: CourseIn) -> Response:
    """The course becomes what the body says, whole. `If-Match: <updated_at>` guards against overwriting others."""
    return _update("course", path, body)


@catalog.put("/store/products/<string:item>", answers=one_answer(ItemSummary), errors=(409,))
@permission_required(WRITE)
def update_product(path: ItemPath, body: ProductIn) -> Response:
    """The product becomes what the body says, whole. `If-Match: <updated_at>` guards against overwriting others."""
    return _update("product", path, body)


@catalog.delete("/school/courses/<string:item>", answers=no_content_answer(), errors=(409,))
@permission_required(WRITE)
def delete_course(path: ItemPath) -> Response:
    """The course is off sale: deleted, or archived when it was ever ordered."""
    return _delete("course", path)


@catalog.delete("/store/products/<string:item>", answers=no_content_answer(), errors=(409,))
@permission_required(WRITE)
def delete_product(path: ItemPath) -> Response:
    """The product is off sale: deleted, or archived when it was ever ordered."""
    return _delete("product", path)


def _listed(kind: str, query: CourseQuery | ProductQuery) -> Response:
    settings: Settings = current_app.config["SETTINGS"]
    wanted = query.filter(settings.default_currency)
    found = catalog_service.list_items(kind, wanted, size=query.size, after=after_of(query))
    answer = ItemList.of(kind, found, size=query.size, next_cursor=next_of(query, found.next))
    return Response(answer.model_dump_json(), mimetype="application/json")


def _shown(kind: str, path: ItemPath) -> Response:
    """Who asks is looked up only when the item is not on sale: the usual read costs one row."""
    item = catalog_service.find_item(kind, path.item)
    if item is None or not item.is_published:
        item = catalog_service.read_item(kind, path.item, current_user if current_user.is_authenticated else None)
    return one(ItemSummary.of(kind, item))


def _managed(kind: str, query: ManagedQuery) -> Response:
    own = [seller.id for seller in store_service.sellers_of(current_user, WRITE, catalog_service.SELLER_OF[kind])]
    found = catalog_service.list_managed(
        kind, own, q=query.q, status=query.status, size=query.size, after=after_of(query)
    )
    items = [ItemSummary.of_document(kind, document) for document in found.documents]
    return listed(items, size=query.size, total=found.total, next=next_of(query, found.next))


def _create(kind: str, body: CourseIn | ProductIn, seller_id: str | None) -> Response:
    seller = store_service.managed_seller(catalog_service.SELLER_OF[kind], seller_id, current_user, WRITE)
    item = catalog_service.create_item(kind, body.values(), seller=seller, item_id=new_id(), now=utc_now())
    return created(ItemSummary.of(kind, item), location=f"/api/{kind}s/{item.id}")


def _update(kind: str, path: ItemPath, body: CourseIn | ProductIn) -> Response:
    item = catalog_service.managed_item(kind, path.item, current_user)
    ensure_unchanged(item.updated_at)
    return one(
        ItemSummary.of(kind, catalog_service.update_item(item, body.values(), change_id=new_id(), now=utc_now()))
    )


def _delete(kind: str, path: ItemPath) -> Response:
    item = catalog_service.managed_item(kind, path.item, current_user)
    ensure_unchanged(item.updated_at)
    catalog_service.delete_item(item)
    return no_content()
