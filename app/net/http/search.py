"""The one search box."""

from flask import Response

from app.net.answers import one, one_answer
from app.net.middlewares.access import public
from app.net.middlewares.blueprints import ApiBlueprint
from app.net.schemas.search import FoundOut, SearchQuery
from app.services.catalog import search as search_service

search = ApiBlueprint("search", url_prefix="/api/search", tag="Search")


@search.get("", answers=one_answer(FoundOut))
@public
def search_everything(query: SearchQuery) -> Response:
    """Up to five best public matches of each kind; misspelt words are forgiven."""
    return one(FoundOut.of(search_service.search(query.q, query.wanted)))
