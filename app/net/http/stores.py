"""Schools and stores as everybody sees them."""

from flask import Response

from app.net.answers import list_answer, listed, one, one_answer
from app.net.middlewares.access import public
from app.net.middlewares.blueprints import ApiBlueprint
from app.net.pages import after_of, next_of
from app.net.schemas.catalog import SellerPath
from app.net.schemas.stores import SellerOut, SellerQuery
from app.services import stores as store_service

stores = ApiBlueprint("stores", url_prefix="/api", tag="Sellers")


@stores.get("/schools", answers=list_answer(SellerOut))
@public
def list_schools(query: SellerQuery) -> Response:
    """Schools by name, or the best match first."""
    return _listed("school", query)


@stores.get("/stores", answers=list_answer(SellerOut))
@public
def list_stores(query: SellerQuery) -> Response:
    """Stores by name, or the best match first."""
    return _listed("store", query)


@stores.get("/schools/<string:seller>", answers=one_answer(SellerOut))
@public
def read_school(path: SellerPath) -> Response:
    """One school by id or slug."""
    return one(SellerOut.of("school", store_service.read_seller("school", path.seller)))


@stores.get("/stores/<string:seller>", answers=one_answer(SellerOut))
@public
def read_store(path: SellerPath) -> Response:
    """One store by id or slug."""
    return one(SellerOut.of("store", store_service.read_seller("store", path.seller)))


def _listed(kind: str, query: SellerQuery) -> Response:
    found = store_service.list_sellers(kind, q=query.q, size=query.size, after=after_of(query))
    sellers = [SellerOut.of_document(kind, document) for document in found.documents]
    return listed(sellers, size=query.size, total=found.total, next=next_of(query, found.next))
