"""The three functions of our own that Faker lacks: gender, phone, image."""

from pathlib import Path

from faker.providers import BaseProvider

from app.plugins.fake import drawing

GENDERS = ("female", "male", "other")
_GENDER_WEIGHTS = (48, 48, 4)
_AREA_CODES = ("212", "415", "312", "617", "206", "303", "512", "503")


class OwnProvider(BaseProvider):
    """Registered on `fake`; draws on Faker's own seeded random source."""

    def gender(self) -> str:
        """One of female, male, other, in about the proportions a sign-up form sees."""
        return self.generator.random.choices(GENDERS, _GENDER_WEIGHTS)[0]

    def phone(self) -> str:
        """A well-formed E.164 number of the ranges kept for fiction: it rings nobody."""
        chance = self.generator.random
        if chance.random() < 0.3:
            return f"+442079460{chance.randrange(1000):03d}"
        return f"+1{chance.choice(_AREA_CODES)}55501{chance.randrange(100):02d}"

    def image(
        self,
        motif: str = "",
        *,
        seed: str = "",
        initials: str = "",
        size: tuple[int, int] = (1280, 800),
        file: Path | None = None,
        image_format: str = "WEBP",
    ) -> bytes:
        """A cover picture drawn here, as WEBP, JPEG or PNG bytes; also written to `file` when given.

        motif: one of `drawing.MOTIFS` ("music", "shoes", …); unknown or empty draws `initials` instead.
        seed: the same seed, motif and size always give the same picture; empty takes one from Faker's source.
        size: width and height in pixels.
        """
        own_seed = seed or f"{self.generator.random.getrandbits(64):016x}"
        picture = drawing.draw_cover(motif, own_seed, initials=initials, size=size)
        content = drawing.encode(picture, image_format)
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return content
