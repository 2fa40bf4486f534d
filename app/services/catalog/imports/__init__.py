"""Catalog files: read line by line, every refused line reported, every good line stored."""

from app.services.catalog.imports.runner import resume_imports, run_import, run_in_background
from app.services.catalog.imports.runs import (
    ImportRequest,
    list_faults,
    list_runs,
    read_run,
    start_import,
    template,
)

__all__ = [
    "ImportRequest",
    "list_faults",
    "list_runs",
    "read_run",
    "resume_imports",
    "run_import",
    "run_in_background",
    "start_import",
    "template",
]
