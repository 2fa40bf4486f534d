"""What staff did: found and read, never changed."""

from flask import Response

from app.net.answers import list_answer, listed, one, one_answer
from app.net.middlewares.access import permission_required
from app.net.middlewares.blueprints import ApiBlueprint
from app.net.pages import after_of, next_of, skip_of
from app.net.schemas.admin_logs import LogOut, LogPath, LogsQuery
from app.services import audit_search

admin_logs = ApiBlueprint("admin_logs", url_prefix="/api/admin/logs", tag="Administration")

READ = "users.log.read"


@admin_logs.get("", answers=list_answer(LogOut))
@permission_required(READ)
def list_logs(query: LogsQuery) -> Response:
    """Entries by actor, kind, id, action and day, newest first."""
    page = audit_search.search_log(query.filter(), size=query.size, skip=skip_of(query), after=after_of(query))
    found = [LogOut.of_document(document) for document in page.documents]
    return listed(found, size=query.size, total=page.total, next=next_of(query, page.next))


@admin_logs.get("/<string:log_id>", answers=one_answer(LogOut))
@permission_required(READ)
def read_log(path: LogPath) -> Response:
    """One entry."""
    return one(LogOut.of(audit_search.get_entry(path.log_id)))
