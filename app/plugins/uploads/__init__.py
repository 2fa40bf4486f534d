"""Files that people and seeds put up: kept in the data folder, served below /media/.

Strangers' pictures enter by `save_picture` only: checked by content, encoded anew, named after their content.
"""

from dataclasses import dataclass

from flask import Flask

from app.env import Settings
from app.plugins.uploads.files import (
    URL_PREFIX,
    folder_of,
    is_stored,
    path_for,
    remove_files,
    store_file,
    url_of,
)
from app.plugins.uploads.pictures import (
    SIZES,
    UploadRefused,
    UploadTooBig,
    content_name,
    encoded_sizes,
    ensure_single_kind,
)

__all__ = [
    "PICTURE_MAX_BYTES",
    "SIZES",
    "URL_PREFIX",
    "StoredPicture",
    "UploadRefused",
    "UploadTooBig",
    "folder_of",
    "init_app",
    "is_stored",
    "path_for",
    "private_picture",
    "remove_files",
    "save_own_picture",
    "save_picture",
    "store_file",
    "url_of",
]

PICTURE_MAX_BYTES = 5 * 1024 * 1024
DOCUMENT_SIDE = 2400
DOCUMENT_FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True)
class StoredPicture:
    """A kept picture. width and height: of the upright original, in pixels; names: size of SIZES → file name."""

    width: int
    height: int
    names: dict[str, str]

    def url(self, size: str = "full") -> str:
        """The path the picture is read at in this size. Raises KeyError for an unknown size."""
        return url_of(self.names[size])


def save_picture(settings: Settings, content: bytes) -> StoredPicture:
    """The picture is kept in every size of SIZES; the same content has the same names and is kept once.

    Raises UploadRefused (415: no JPEG, PNG, WebP or GIF that can be read), UploadTooBig (413).
    """
    _ensure_size(settings, content)
    key = content_name(content)
    (width, height), sizes = encoded_sizes(content)
    names = {size: f"pictures/{key[:2]}/{key}-{size}.webp" for size in sizes}
    for size, encoded in sizes.items():
        store_file(settings, names[size], encoded)
    return StoredPicture(width, height, names)


def save_own_picture(settings: Settings, content: bytes, stem: str) -> StoredPicture:
    """The picture is kept under names that begin with `stem` and that no other content shares, so it can be removed.

    Raises UploadRefused (415: also for a file that is something else besides), UploadTooBig (413).
    """
    _ensure_size(settings, content)
    ensure_single_kind(content)
    (width, height), sizes = encoded_sizes(content)
    names = {size: f"{stem}-{size}.webp" for size in sizes}
    for size, encoded in sizes.items():
        store_file(settings, names[size], encoded)
    return StoredPicture(width, height, names)


def private_picture(settings: Settings, content: bytes) -> bytes:
    """The picture of a document as WebP of our own, large enough to be read; it is stored nowhere.

    Raises UploadRefused (415: no JPEG, PNG or WebP, or something else besides), UploadTooBig (413).
    """
    _ensure_size(settings, content)
    ensure_single_kind(content)
    _, sizes = encoded_sizes(content, {"document": DOCUMENT_SIDE}, DOCUMENT_FORMATS)
    return sizes["document"]


def _ensure_size(settings: Settings, content: bytes) -> None:
    limit = min(PICTURE_MAX_BYTES, settings.upload_max_bytes)
    if len(content) > limit:
        raise UploadTooBig("This file is too big.", details={"max_bytes": limit})


def init_app(app: Flask) -> None:
    """Files are kept in this application's data folder."""
    app.extensions["uploads"] = folder_of(app.config["SETTINGS"])
