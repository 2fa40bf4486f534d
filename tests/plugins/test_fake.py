"""Made-up values are the same on every run and look like real ones."""

import hashlib
import re
from io import BytesIO

import pytest
from PIL import Image

from app import fake_provider
from app.plugins.fake import fake
from app.plugins.fake.drawing import MOTIFS


def everything():
    fake.seed_instance(2026)
    return [
        fake.gender(),
        fake.phone(),
        fake.name(),
        hashlib.sha256(fake.image("music")).hexdigest(),
        *[fake_provider.course() for _ in range(20)],
        *[fake_provider.product() for _ in range(20)],
        fake_provider.school(),
        fake_provider.store(),
        fake_provider.review(),
    ]


def test_the_same_seed_gives_the_same_values_pictures_included():
    assert everything() == everything()


def test_genders_and_phones_are_well_formed():
    fake.seed_instance(1)
    assert {fake.gender() for _ in range(200)} == {"female", "male", "other"}
    phones = {fake.phone() for _ in range(200)}
    assert len(phones) > 100
    assert all(re.fullmatch(r"\+1\d{3}55501\d\d|\+442079460\d{3}", phone) for phone in phones)


@pytest.mark.parametrize("motif", [*MOTIFS, "unknown-motif"])
def test_every_motif_gives_a_picture_of_the_asked_size(motif):
    picture = Image.open(BytesIO(fake.image(motif, seed="a", initials="QZ", size=(320, 200))))
    assert (picture.format, picture.size, picture.mode) == ("WEBP", (320, 200), "RGB")
    assert len(picture.getcolors(100_000)) > 200  # drawn, not one flat colour


def test_another_seed_gives_another_picture_and_a_file_is_written(tmp_path):
    first = fake.image("shoes", seed="a", file=tmp_path / "covers" / "a.jpg", image_format="JPEG")
    assert (tmp_path / "covers" / "a.jpg").read_bytes() == first
    assert first[:3] == b"\xff\xd8\xff"
    assert first != fake.image("shoes", seed="b", image_format="JPEG")


@pytest.mark.parametrize("category", fake_provider.COURSE_CATEGORIES)
def test_courses_of_every_category_are_complete(category):
    fake.seed_instance(7)
    for _ in range(30):
        course = fake_provider.course(category)
        assert course.category == category and course.motif in MOTIFS
        assert 5 <= len(course.title) <= 80 and "{" not in course.title + course.description
        assert 500 <= course.price_cents <= 200_000 and course.seats >= 1


@pytest.mark.parametrize("category", fake_provider.PRODUCT_CATEGORIES)
def test_products_of_every_category_are_complete(category):
    fake.seed_instance(8)
    for _ in range(30):
        product = fake_provider.product(category)
        assert product.category == category and product.motif in MOTIFS
        assert 5 <= len(product.title) <= 90 and "{" not in product.title + product.description
        assert re.fullmatch(r"[A-Z]{3}-[A-Z]{2}\d{5}", product.sku)
        assert 500 <= product.price_cents <= 150_000


def test_three_hundred_items_hardly_repeat():
    fake.seed_instance(2026)
    titles = {fake_provider.course().title for _ in range(150)} | {fake_provider.product().title for _ in range(150)}
    assert len(titles) > 270
