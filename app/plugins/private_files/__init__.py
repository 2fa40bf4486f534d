"""Files that only their person and named staff may read: sealed by the vault before they touch a disk.

They lie in the folder `private` of the data folder, which nothing serves, readable by the product's own user only.
"""

import os
import shutil
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from app.env import Settings
from app.plugins import vault

__all__ = ["PrivateFileMissing", "folder_of", "put", "read", "remove", "remove_others"]


class PrivateFileMissing(Exception):
    """There is no such file, or it can be opened with none of today's keys."""


def folder_of(settings: Settings) -> Path:
    """Where private files are."""
    return Path(settings.data_folder) / "private"


def put(settings: Settings, purpose: str, name: str, content: bytes) -> None:
    """The content lies sealed under its name (`folder/name`), whole or not at all; only `purpose` opens it."""
    path = _path(settings, name)
    sealed = vault.seal(settings, purpose, content)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def read(settings: Settings, purpose: str, name: str) -> bytes:
    """What was put there. Raises PrivateFileMissing."""
    try:
        return vault.unseal(settings, purpose, _path(settings, name).read_bytes())
    except (OSError, vault.SealBroken) as fault:
        raise PrivateFileMissing(f"{purpose} cannot be read") from fault


def remove(settings: Settings, name: str) -> None:
    """The file, or the folder with all that is in it, is gone."""
    path = _path(settings, name)
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def remove_others(settings: Settings, folder: str, keep: Collection[str], *, older_than_seconds: float = 0) -> None:
    """Of this folder only the files of these names (`folder/name`), and younger ones, are left."""
    kept = {_path(settings, name) for name in keep if name}
    written_before = time.time() - older_than_seconds
    for path in _path(settings, folder).glob("*"):
        with suppress(FileNotFoundError):
            if path not in kept and path.stat().st_mtime <= written_before:
                path.unlink()


def _path(settings: Settings, name: str) -> Path:
    base = folder_of(settings).resolve()
    path = (base / name).resolve()
    if not path.is_relative_to(base) or path == base:
        raise ValueError(f"{name!r} is no name of a private file")
    return path
