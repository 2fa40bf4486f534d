"""Catalog files of sellers: sent, followed, and their refused lines read."""

from pathlib import Path

from flask import Response, current_app

from app.env import Settings
from app.net.answers import accepted, accepted_answer, list_answer, listed, one, one_answer
from app.net.middlewares.access import current_user, permission_required
from app.net.middlewares.blueprints import ApiBlueprint
from app.net.pages import after_of, next_of
from app.net.schemas.common import PageQuery
from app.net.schemas.imports import FaultOut, ImportForm, ImportOut, ImportPath, ImportSummary, TemplateQuery
from app.services import catalog as catalog_service
from app.services import stores as store_service
from app.services.catalog import imports as import_service
from app.services.catalog.imports import ImportRequest
from app.utils.clock import utc_now
from app.utils.ids import new_id
from app.utils.shared import load_shared

imports = ApiBlueprint("imports", url_prefix="/api/seller/imports", tag="Imports")

IMPORT = "catalog.import"
FILE_BYTES_MAX: int = load_shared("limits")["import_file_bytes_max"]
_FORM_BYTES = 64 * 1024


@imports.post("", answers=accepted_answer(ImportOut), errors=(404, 409), max_bytes=FILE_BYTES_MAX + _FORM_BYTES)
@permission_required(IMPORT)
def create_import(form: ImportForm) -> Response:
    """Import a CSV file in UTF-8: rows are found again by SKU (products) or slug (courses). Follow it by its id."""
    settings: Settings = current_app.config["SETTINGS"]
    seller = store_service.managed_seller(catalog_service.SELLER_OF[form.kind], form.seller_id, current_user, IMPORT)
    request = ImportRequest(
        run_id=new_id(),
        kind=form.kind,
        seller=seller,
        by=current_user.id,
        file_name=form.file.filename or "",
        folder=Path(settings.data_folder) / "imports",
        bytes_max=min(FILE_BYTES_MAX, settings.upload_max_bytes),
        is_dry_run=form.dry_run,
    )
    run = import_service.start_import(request, form.file.stream, utc_now())
    import_service.run_in_background(run.id)
    return accepted(ImportOut.of(run))


@imports.get("", answers=list_answer(ImportSummary))
@permission_required(IMPORT)
def list_imports(query: PageQuery) -> Response:
    """The imports of the user's schools and stores, newest first."""
    found = import_service.list_runs(current_user, size=query.size, after=after_of(query))
    runs = [ImportSummary.of_document(document) for document in found.documents]
    return listed(runs, size=query.size, total=found.total, next=next_of(query, found.next))


@imports.get("/template", answers={200: None}, operation_id="read_import_template")
@permission_required(IMPORT)
def read_template(query: TemplateQuery) -> Response:
    """An example file with every column."""
    answer = Response(import_service.template(query.kind), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{query.kind}s.csv"'
    return answer


@imports.get("/<string:run_id>", answers=one_answer(ImportOut))
@permission_required(IMPORT)
def read_import(path: ImportPath) -> Response:
    """How far an import is, and what became of its rows."""
    return one(ImportOut.of(import_service.read_run(path.run_id, current_user)))


@imports.get("/<string:run_id>/faults", answers=list_answer(FaultOut))
@permission_required(IMPORT)
def list_import_faults(path: ImportPath, query: PageQuery) -> Response:
    """The refused lines and warnings of an import, in the file's order."""
    run = import_service.read_run(path.run_id, current_user)
    faults, following = import_service.list_faults(run, size=query.size, after=after_of(query))
    total = ImportOut.of(run).counts.get("faults", len(faults))
    return listed(
        [FaultOut.of(fault) for fault in faults], size=query.size, total=total, next=next_of(query, following)
    )
