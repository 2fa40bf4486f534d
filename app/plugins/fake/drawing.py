"""Cover pictures: a gradient, soft light, a fine pattern and one drawn motif; repeatable by seed."""

import math
from io import BytesIO
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from app.plugins.fake.motifs import MOTIFS
from app.plugins.fake.pens import Pen

__all__ = ["MOTIFS", "draw_cover", "encode"]

# (dark, bright, accent): chosen so that a white motif keeps a contrast of 3:1 or more on the dark half
PALETTES = (
    ((36, 28, 92), (142, 84, 233), (255, 196, 84)),
    ((8, 60, 96), (32, 158, 180), (255, 214, 120)),
    ((110, 22, 60), (232, 92, 92), (255, 216, 168)),
    ((16, 72, 58), (58, 160, 110), (250, 226, 140)),
    ((28, 40, 72), (82, 118, 190), (255, 158, 120)),
    ((92, 38, 14), (226, 128, 52), (255, 236, 190)),
    ((60, 20, 86), (206, 82, 170), (160, 236, 232)),
    ((18, 54, 62), (74, 128, 122), (255, 184, 148)),
    ((70, 44, 30), (182, 128, 90), (250, 232, 206)),
    ((20, 26, 46), (60, 76, 130), (120, 222, 196)),
)
# drawings that read as well the other way round
MIRRORED = frozenset({"dance", "shoes", "instruments", "books", "kitchen", "outdoors", "drawing", "toys", "beauty"})


def draw_cover(motif: str, seed: str, *, initials: str = "", size: tuple[int, int] = (1280, 800)) -> Image.Image:
    """An RGB picture of `size` pixels with the motif in its middle; initials when the motif is unknown."""
    chance = Random(f"{motif}/{seed}")
    dark, bright, accent = chance.choice(PALETTES)
    picture = _gradient(size, dark, bright, chance)
    picture = _add_light(picture, accent, bright, chance)
    picture = _add_pattern(picture, chance)
    side = int(min(size) * 0.72)
    motif_layer = _motif_layer(motif, initials, side, accent, dark, chance)
    left = (size[0] - side) // 2 + int(chance.uniform(-0.10, 0.10) * size[0])
    top = (size[1] - side) // 2 + int(chance.uniform(-0.03, 0.03) * size[1])
    _add_shadow(picture, motif_layer, (left, top + side // 40))
    picture.paste(motif_layer, (left, top), motif_layer)
    return picture


def encode(picture: Image.Image, image_format: str = "WEBP") -> bytes:
    """The picture's bytes as WEBP, JPEG or PNG."""
    out = BytesIO()
    options: dict[str, dict[str, int]] = {
        "PNG": {"compress_level": 6},
        "JPEG": {"quality": 86},
        "WEBP": {"quality": 82, "method": 2},
    }
    picture.save(out, image_format, **options[image_format])
    return out.getvalue()


def _gradient(size: tuple[int, int], dark: tuple, bright: tuple, chance: Random) -> Image.Image:
    ramp = Image.linear_gradient("L").rotate(chance.choice((0, 20, 35, -20, -35, 145, 160)), Image.Resampling.BILINEAR)
    inner = ramp.crop((48, 48, 208, 208)).resize(size, Image.Resampling.BICUBIC)
    return Image.composite(Image.new("RGB", size, bright), Image.new("RGB", size, dark), inner)


def _add_light(picture: Image.Image, accent: tuple, bright: tuple, chance: Random) -> Image.Image:
    width, height = 160, 100
    for colour, strength in ((accent, 110), (bright, 130), ((255, 255, 255), 46)):
        mask = Image.new("L", (width, height), 0)
        radius = chance.randint(18, 46)
        x, y = chance.randint(0, width), chance.randint(0, height)
        ImageDraw.Draw(mask).ellipse((x - radius, y - radius, x + radius, y + radius), fill=strength)
        mask = mask.filter(ImageFilter.GaussianBlur(16)).resize(picture.size, Image.Resampling.BICUBIC)
        picture = Image.composite(Image.new("RGB", picture.size, colour), picture, mask)
    return picture


def _add_pattern(picture: Image.Image, chance: Random) -> Image.Image:
    width, height = picture.size
    mask = Image.new("L", picture.size, 0)
    pen = ImageDraw.Draw(mask)
    kind = chance.choice(("dots", "rings", "waves", "slants", "none"))
    step = chance.randint(34, 56)
    if kind == "dots":
        for x in range(step // 2, width, step):
            for y in range(step // 2, height, step):
                pen.ellipse((x - 2, y - 2, x + 2, y + 2), fill=40)
    elif kind == "rings":
        x, y = chance.choice(((0, 0), (width, 0), (width, height), (0, height)))
        for radius in range(step, int(math.hypot(width, height)), step):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=26, width=2)
    elif kind == "waves":
        for y in range(0, height + step, step):
            points = [(x, y + math.sin(x / 90 + y / 70) * 12) for x in range(0, width + 20, 20)]
            pen.line(points, fill=28, width=2, joint="curve")
    elif kind == "slants":
        for x in range(-height, width, step):
            pen.line((x, height, x + height, 0), fill=22, width=2)
    return Image.composite(Image.new("RGB", picture.size, (255, 255, 255)), picture, mask)


def _motif_layer(motif: str, initials: str, side: int, accent: tuple, dark: tuple, chance: Random) -> Image.Image:
    layer = Image.new("RGBA", (side * 2, side * 2), (0, 0, 0, 0))
    pen = Pen(layer, chance, accent=accent, ink=dark)
    draw = MOTIFS.get(motif)
    if draw:
        draw(pen)
    else:
        _draw_initials(pen, (initials or "•")[:2].upper())
    small = layer.resize((side, side), Image.Resampling.BOX)
    if motif in MIRRORED and chance.random() < 0.5:
        return small.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return small


def _draw_initials(pen: Pen, text: str) -> None:
    pen.circle(50, 50, 40, pen.paper)
    pen.circle(50, 50, 40, None, outline=pen.accent, width=2.5)
    font = ImageFont.load_default(size=pen.scaled(38 if len(text) == 1 else 32))
    pen.draw.text(
        pen.at(50, 50),
        text,
        font=font,
        fill=pen.ink,
        anchor="mm",
        stroke_width=round(pen.scaled(0.7)),
        stroke_fill=pen.ink,
    )


def _add_shadow(picture: Image.Image, layer: Image.Image, place: tuple[int, int]) -> None:
    small = layer.getchannel("A").resize((layer.width // 6, layer.height // 6), Image.Resampling.BOX)
    soft = small.filter(ImageFilter.GaussianBlur(3)).resize(layer.size, Image.Resampling.BICUBIC)
    shade = ImageChops.multiply(soft, Image.new("L", layer.size, 90))
    picture.paste((10, 10, 24), place, shade)
