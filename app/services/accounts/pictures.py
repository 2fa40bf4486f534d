"""The picture of a person: kept under names of its own, so that removing it takes nothing from anybody else."""

from pathlib import PurePosixPath

from app.env import Settings
from app.models.accounts import User
from app.plugins import uploads
from app.utils.ids import new_id

SHOWN_SIZE = "card"
_SPARED_SECONDS = 3600
"""A file so young may belong to a request that has not written its row yet."""


def folder_of(user_id: str) -> str:
    """Where a person's pictures lie among the uploaded files."""
    return f"avatars/{user_id}"


def put_picture(user: User, content: bytes, *, settings: Settings) -> User:
    """The picture is the person's and the one before is gone. Raises UploadRefused (415), UploadTooBig (413)."""
    stem = new_id()
    stored = uploads.save_own_picture(settings, content, f"{folder_of(user.id)}/{stem}")
    before = _stem(user)
    user = user.update(avatar=stored.url(SHOWN_SIZE))
    _remove(settings, user.id, before)
    uploads.remove_files(settings, folder_of(user.id), except_stem=stem, older_than_seconds=_SPARED_SECONDS)
    return user


def remove_picture(user: User, *, settings: Settings) -> User:
    """The person has no picture, and no file of one is left."""
    user = user.update(avatar=None)
    uploads.remove_files(settings, folder_of(user.id))
    return user


def sizes_of(user: User) -> dict[str, str]:
    """Size → path of the person's picture; empty without one."""
    if not user.avatar:
        return {}
    base = user.avatar.removesuffix(f"-{SHOWN_SIZE}.webp")
    return {size: f"{base}-{size}.webp" for size in uploads.SIZES}


def _stem(user: User) -> str:
    return PurePosixPath(user.avatar).name.removesuffix(f"-{SHOWN_SIZE}.webp") if user.avatar else ""


def _remove(settings: Settings, user_id: str, stem: str) -> None:
    for size in uploads.SIZES if stem else ():
        if path := uploads.path_for(settings, f"{folder_of(user_id)}/{stem}-{size}.webp"):
            path.unlink(missing_ok=True)
