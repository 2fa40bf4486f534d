"""Folders and locks in files: what several processes of one machine agree by.

The kernel drops an flock when its holder ends, however it ends, so a lock never outlives its process.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.plugins.embedded_engines.errors import EnginesError


def writable_folder(folder: Path, setting: str) -> Path:
    """`folder` exists and can be written to. `setting` names the variable a person would change.

    Raises EnginesError otherwise.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as fault:
        raise EnginesError(
            f"{folder} cannot be written to ({fault.strerror}); choose another folder with {setting}."
        ) from fault
    return folder


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Only one process of this machine is inside for `path`; the others wait their turn."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def hold(path: Path, text: str) -> int:
    """A new file at `path` with `text` in it is locked until the returned descriptor is closed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    os.write(descriptor, text.encode())
    return descriptor


def is_held(path: Path) -> bool:
    """Whether some living process holds the lock of `path`."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def replace_text(path: Path, text: str) -> None:
    """`path` holds `text`, or what it held before: never a part of it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
