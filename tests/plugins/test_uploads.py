"""Pictures from strangers: what is kept, and what is refused by content."""

import struct
import zlib
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from app.env import Settings
from app.plugins import uploads
from app.plugins.uploads import SIZES, UploadRefused, UploadTooBig


@pytest.fixture
def shelf(tmp_path):
    return Settings(data_folder=tmp_path)


def picture(image_format="JPEG", size=(1600, 900), mode="RGB", **options):
    out = BytesIO()
    image = Image.linear_gradient("L").resize(size).convert(mode)
    image.save(out, image_format, **options)
    return out.getvalue()


def kept(shelf, stored, size="full"):
    return Image.open(uploads.path_for(shelf, stored.names[size]))


def png(width, height, rows):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_format_is_kept_as_webp_in_every_size(shelf, image_format):
    stored = uploads.save_picture(shelf, picture(image_format))
    assert (stored.width, stored.height) == (1600, 900)
    for size, expected in {"thumb": (320, 180), "card": (640, 360), "full": (1280, 720)}.items():
        image = kept(shelf, stored, size)
        assert (image.format, image.size) == ("WEBP", expected)


def test_a_small_picture_is_not_enlarged_and_transparency_stays(shelf):
    stored = uploads.save_picture(shelf, picture("PNG", (50, 40), "RGBA"))
    assert kept(shelf, stored).size == (50, 40)
    clear = BytesIO()
    Image.new("RGBA", (50, 40), (255, 0, 0, 0)).save(clear, "PNG")
    assert kept(shelf, uploads.save_picture(shelf, clear.getvalue())).convert("RGBA").getpixel((5, 5))[3] == 0


def test_the_same_content_has_the_same_name(shelf, tmp_path):
    first, second = uploads.save_picture(shelf, picture()), uploads.save_picture(shelf, picture())
    assert first == second
    assert len(list(tmp_path.rglob("*.*"))) == len(SIZES)  # no unfinished file is left


def test_exif_is_gone_and_the_picture_stands_upright(shelf):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Camera of somebody"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 0.0)  # GPS latitude
    stored = uploads.save_picture(shelf, picture(size=(800, 400), exif=exif))
    assert (stored.width, stored.height) == (400, 800)
    for size in SIZES:
        path = uploads.path_for(shelf, stored.names[size])
        assert dict(Image.open(path).getexif()) == {}
        assert b"EXIF" not in path.read_bytes() and b"somebody" not in path.read_bytes()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"\xff\xd8\xff\xe0" + b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7 not a picture",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 60,
        b"II*\0" + b"\0" * 60,
        picture("JPEG")[:2000],
        picture("PNG")[:300],
        picture("WEBP")[:200],
        picture("BMP", (20, 20)),
        picture("TIFF", (20, 20)),
    ],
    ids=lambda content: repr(content[:12]),
)
def test_malformed_and_foreign_files_are_refused(shelf, tmp_path, content):
    with pytest.raises(UploadRefused) as refusal:
        uploads.save_picture(shelf, content)
    assert (refusal.value.code, refusal.value.status) == ("upload_refused", 415)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        picture("GIF", (60, 60)) + b"/*<script>alert('polyglot')</script>*/",
        picture("JPEG", (60, 60), comment=b"<script>alert('polyglot')</script>"),
        picture("PNG", (60, 60)) + b"PK\x03\x04 polyglot archive",
    ],
)
def test_nothing_of_a_polyglot_is_kept_but_the_picture(shelf, content):
    stored = uploads.save_picture(shelf, content)
    for size in SIZES:
        written = uploads.path_for(shelf, stored.names[size]).read_bytes()
        assert b"polyglot" not in written
        assert written[:4] == b"RIFF" and struct.unpack("<I", written[4:8])[0] + 8 == len(written)


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (7_000, 7_000), (16_001, 10), (65_000, 65_000)])
def test_a_decompression_bomb_is_refused_by_its_header(shelf, width, height):
    bomb = png(width, height, b"\0" * 1_000_000)
    assert len(bomb) < 2_000
    with pytest.raises(UploadTooBig) as refusal:
        uploads.save_picture(shelf, bomb)
    assert (refusal.value.code, refusal.value.status) == ("upload_too_big", 413)


def test_a_bomb_in_the_text_of_a_png_is_refused(shelf):
    whole = picture("PNG", (20, 20))
    bomb = zlib.compress(b"a" * 100_000_000)
    text = b"Comment\0\0" + bomb
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    with pytest.raises(UploadRefused):
        uploads.save_picture(shelf, whole[:33] + chunk + whole[33:])


def test_a_file_of_one_byte_too_many_is_refused(shelf):
    exact = replace(shelf, upload_max_bytes=len(picture()))
    uploads.save_picture(exact, picture())
    with pytest.raises(UploadTooBig):
        uploads.save_picture(exact, picture() + b"\0")


@pytest.mark.parametrize(
    "name", ["../secret.txt", "/etc/passwd", "pictures/../../secret.txt", "", "pictures", "none.webp"]
)
def test_no_name_leads_out_of_the_folder(shelf, tmp_path, name):
    uploads.save_picture(shelf, picture())
    (tmp_path / "secret.txt").write_text("secret")
    assert uploads.path_for(shelf, name) is None


@pytest.mark.parametrize("name", ["../secret.txt", "/tmp/x", "", "."])
def test_nothing_is_written_outside_the_folder(shelf, name):
    with pytest.raises(ValueError, match="no name of an uploaded file"):
        uploads.store_file(shelf, name, b"x")


def test_the_path_of_a_kept_picture(shelf):
    stored = uploads.save_picture(shelf, picture())
    assert stored.url("card") == f"/media/{stored.names['card']}"
    assert stored.names["card"].endswith("-card.webp")
    assert uploads.is_stored(shelf, stored.names["card"])


def test_a_kept_picture_is_served(app, client, stores):
    stored = uploads.save_picture(stores, picture())
    answer = client.get(stored.url("thumb"))
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert Image.open(BytesIO(answer.data)).size == (320, 180)
