"""Made-up people, places and pictures: `from app.plugins.fake import fake`.

`fake` is a Faker (English) with three functions of our own: `gender()`, `phone()`, `image()`. After
`fake.seed_instance(2026)` every value, pictures included, is the same on every run and machine.
"""

from faker import Faker
from flask import Flask

from app.plugins.fake.provider import OwnProvider
from app.plugins.fake.words import words

__all__ = ["fake", "init_app", "words"]

fake = Faker("en_US")
fake.add_provider(OwnProvider)


def init_app(app: Flask) -> None:
    """Nothing is connected: made-up values need no settings. Present so that every plugin starts alike."""
    app.extensions["fake"] = fake
