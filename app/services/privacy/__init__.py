"""Whatever is kept on a person: shown to them whole, and erased."""

from app.services.privacy.erasing import AccountInUse, ErasureRequest, request_erasure, run_erasures
from app.services.privacy.exporting import (
    ExportNotReady,
    ExportRunning,
    list_exports,
    read_archive,
    read_export,
    remove_expired,
    request_export,
    run_exports,
)

__all__ = [
    "AccountInUse",
    "ErasureRequest",
    "ExportNotReady",
    "ExportRunning",
    "list_exports",
    "read_archive",
    "read_export",
    "remove_expired",
    "request_erasure",
    "request_export",
    "run_erasures",
    "run_exports",
]
