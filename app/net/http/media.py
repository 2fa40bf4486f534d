"""Uploaded files, read by everybody."""

from flask import Blueprint, Response, current_app, send_from_directory

from app.net.middlewares.access import public
from app.plugins import uploads

media = Blueprint("media", __name__)

_KEPT_SECONDS = 7 * 24 * 3600
_POLICY = "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; sandbox"
"""Opened by itself, a file is a picture and nothing that could act as our page."""


@media.get(f"{uploads.URL_PREFIX}<path:name>")
@public
def read_media(name: str) -> Response:
    """One file; browsers keep it for a week."""
    folder = uploads.folder_of(current_app.config["SETTINGS"])
    answer = send_from_directory(folder.resolve(), name, max_age=_KEPT_SECONDS)
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer
