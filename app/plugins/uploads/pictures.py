"""A picture as strangers send it becomes pictures of our own: decoded, turned upright, and encoded anew.

Nothing of the original file is kept, so neither its metadata (EXIF: the place it was taken) nor anything hidden
behind or inside it reaches anybody.
"""

import hashlib
import struct
import warnings
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from zipfile import is_zipfile

from PIL import Image, ImageOps, UnidentifiedImageError

from app.utils.errors import DomainError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
SIZES = {"thumb": 320, "card": 640, "full": 1280}
MAX_IMAGE_PIXELS = 40_000_000
LONGEST_SIDE = 16_000
QUALITY = 82
_FOREIGN_MARKS = (b"<script", b"<!doctype", b"<html", b"<?php", b"<iframe", b"<svg ")

_UNREADABLE = (
    UnidentifiedImageError,
    Image.DecompressionBombWarning,
    OSError,
    SyntaxError,
    ValueError,
    KeyError,
    IndexError,
    EOFError,
    struct.error,
    zlib.error,
    OverflowError,
)


class UploadRefused(DomainError):
    """The file is no picture that we read: JPEG, PNG, WebP and GIF are (415)."""

    code, status = "upload_refused", 415


class UploadTooBig(DomainError):
    """The file has too many bytes, or the picture too many pixels; `details` name the limit (413)."""

    code, status = "upload_too_big", 413


def content_name(content: bytes) -> str:
    """The name that this content has wherever it is stored."""
    return hashlib.sha256(content).hexdigest()[:40]


def encoded_sizes(
    content: bytes, sizes: Mapping[str, int] = SIZES, formats: Sequence[str] = FORMATS
) -> tuple[tuple[int, int], dict[str, bytes]]:
    """The picture's upright width and height in pixels, and WebP bytes by the names of `sizes`.

    sizes: name → longest side in pixels. A longer side than the size is reduced to it; a small picture is not
    enlarged. Of a moving picture the first frame stays. Raises UploadRefused (415), UploadTooBig (413).
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            upright = _decoded(content, max(sizes.values()), formats)
        except Image.DecompressionBombError as fault:
            raise _too_many_pixels() from fault
        except _UNREADABLE as fault:
            raise UploadRefused("This file is no picture that can be read.") from fault
    return upright.size, {name: _encoded(upright, side) for name, side in sizes.items()}


def ensure_single_kind(content: bytes) -> None:
    """Pass unless the file can also be read as an archive, a page or a program's text.

    The picture is encoded anew either way; but nobody has a good reason to send such a file as a picture of their
    own. Raises UploadRefused (415).
    """
    lowered = content.lower()
    if any(mark in lowered for mark in _FOREIGN_MARKS) or b"%pdf-" in lowered[:1024] or is_zipfile(BytesIO(content)):
        raise UploadRefused("This file is more than a picture.")


def _decoded(content: bytes, largest: int, formats: Sequence[str]) -> Image.Image:
    picture: Image.Image = Image.open(BytesIO(content), formats=list(formats))
    width, height = picture.size
    if width * height > MAX_IMAGE_PIXELS or max(width, height) > LONGEST_SIDE:
        raise _too_many_pixels()
    picture.draft("RGB", (largest, largest))  # a JPEG may be decoded at a fraction of its size
    picture.load()
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    upright = ImageOps.exif_transpose(picture)
    return upright.convert("RGBA" if has_alpha else "RGB")


def _encoded(picture: Image.Image, side: int) -> bytes:
    copy = Image.new(picture.mode, picture.size)
    copy.paste(picture)
    copy.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    out = BytesIO()
    copy.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()


def _too_many_pixels() -> UploadTooBig:
    return UploadTooBig("This picture has too many pixels.", details={"max_pixels": MAX_IMAGE_PIXELS})
