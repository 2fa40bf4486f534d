"""The folder of uploaded files, and the paths they are read at."""

import os
import shutil
import time
from pathlib import Path

from app.env import Settings

URL_PREFIX = "/media/"


def folder_of(settings: Settings) -> Path:
    """Where uploaded files are."""
    return Path(settings.data_folder) / "uploads"


def url_of(name: str) -> str:
    """The path a stored file is read at."""
    return f"{URL_PREFIX}{name}"


def is_stored(settings: Settings, name: str) -> bool:
    """Whether a file of this name is there, whole."""
    return path_for(settings, name) is not None


def path_for(settings: Settings, name: str) -> Path | None:
    """The stored file of this name; None when there is none, or the name leads out of the folder."""
    base = folder_of(settings).resolve()
    path = (base / name).resolve()
    return path if path.is_relative_to(base) and path.is_file() else None


def store_file(settings: Settings, name: str, content: bytes) -> str:
    """The file is there under its name (`folder/name.webp`), whole or not at all; returns the path it is read at.

    The name comes from this product, never from a client. Raises ValueError for one that leaves the folder.
    """
    base = folder_of(settings).resolve()
    path = (base / name).resolve()
    if not path.is_relative_to(base) or path == base:
        raise ValueError(f"{name!r} is no name of an uploaded file")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
    return url_of(name)


def remove_files(settings: Settings, folder: str, *, except_stem: str = "", older_than_seconds: float = 0) -> None:
    """The files of this folder are gone, but those whose names begin with `except_stem` and those younger than that.

    With neither exception the folder itself is gone too. The name comes from this product, never from a client.
    """
    base = folder_of(settings).resolve()
    path = (base / folder).resolve()
    if not path.is_relative_to(base) or path == base:
        raise ValueError(f"{folder!r} is no folder of uploaded files")
    if not except_stem and not older_than_seconds:
        shutil.rmtree(path, ignore_errors=True)
        return
    for file in path.glob("*"):
        is_old = time.time() - file.stat().st_mtime >= older_than_seconds
        if is_old and not (except_stem and file.name.startswith(except_stem)):
            file.unlink(missing_ok=True)
