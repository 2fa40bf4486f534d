"""V5: files from strangers."""

import re
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from app.plugins import uploads
from app.plugins.uploads import PICTURE_MAX_BYTES, UploadRefused, UploadTooBig, pictures
from app.utils.shared import load_shared
from tests.asvs.reading import document


def png(image: Image.Image, **options) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


def test_v5_1_1_the_kinds_and_sizes_are_written_down_as_they_are():
    page = document("security.md")
    assert f"picture | {PICTURE_MAX_BYTES // 2**20} MiB, {pictures.MAX_IMAGE_PIXELS // 10**6} million pixels" in page
    assert f"catalog file | {load_shared('limits')['import_file_bytes_max'] // 2**20} MiB" in page


def test_v5_2_1_a_picture_of_one_byte_too_many_is_refused(stores):
    with pytest.raises(UploadTooBig):
        uploads.save_picture(stores, png(Image.new("RGB", (8, 8))).ljust(PICTURE_MAX_BYTES + 1, b"\0"))


@pytest.mark.parametrize("content", [b"<?php system($_GET[0]);", b"PK\x03\x04 a zip", b"%PDF-1.7", b"GIF89a"])
def test_v5_2_2_what_is_no_picture_by_content_is_refused(stores, content):
    with pytest.raises(UploadRefused):
        uploads.save_picture(stores, content)


def test_v5_2_6_a_picture_of_too_many_pixels_is_refused_by_its_header(stores):
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    with pytest.raises(UploadTooBig):
        uploads.save_picture(stores, bomb)


def test_v5_3_1_a_kept_file_is_an_encoded_picture_and_nothing_else(client, stores):
    script = b"<script>alert(1)</script><?php echo 1 ?>"
    answer = client.get(uploads.save_picture(stores, png(Image.new("RGB", (8, 8))) + script).url())
    assert answer.mimetype == "image/webp" and script not in answer.data
    assert Image.open(BytesIO(answer.data)).format == "WEBP"


@pytest.mark.parametrize("name", ["../secret", "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd", "..\\..\\x", "pictures/"])
def test_v5_3_2_names_come_from_the_content_and_lead_nowhere_else(client, stores, name):
    stored = uploads.save_picture(stores, png(Image.new("RGB", (9, 9))))
    for kept in stored.names.values():
        assert re.fullmatch(r"pictures/[0-9a-f]{2}/[0-9a-f]+-[a-z]+\.webp", kept), kept
    assert client.get(f"/media/{name}").status_code in (404, 308)


def test_v5_4_1_a_download_has_a_name_of_ours(client, sign_up):
    seller = sign_up(is_seller=True)
    query = {"kind": "product", "filename": "../../evil.exe"}
    answer = client.get("/api/seller/imports/template", query_string=query, headers=seller.headers)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="products.csv"'


def test_v5_4_2_no_name_breaks_a_header(client):
    answer = client.get("/media/x%0d%0aSet-Cookie:%20a=b.webp")
    assert answer.status_code == 404 and "Set-Cookie" not in answer.headers
