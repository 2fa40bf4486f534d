"""A pen on a square of 100 by 100 units, so that motifs are written without pixels."""

import math
from collections.abc import Sequence
from random import Random

from PIL import Image, ImageDraw

Colour = tuple[int, ...]
Point = tuple[float, float]


class Pen:
    """Draws on `layer`; coordinates and widths are hundredths of its side."""

    paper: Colour = (252, 250, 246)
    mist: Colour = (222, 226, 236)

    def __init__(self, layer: Image.Image, chance: Random, *, accent: Colour, ink: Colour) -> None:
        self.draw = ImageDraw.Draw(layer)
        self.unit = layer.width / 100
        self.chance, self.accent, self.ink = chance, accent, ink

    def scaled(self, length: float) -> float:
        return length * self.unit

    def at(self, x: float, y: float) -> Point:
        return x * self.unit, y * self.unit

    def _box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        return x0 * self.unit, y0 * self.unit, x1 * self.unit, y1 * self.unit

    def circle(
        self, x: float, y: float, radius: float, fill: Colour | None, outline: Colour | None = None, width: float = 0
    ) -> None:
        box = self._box(x - radius, y - radius, x + radius, y + radius)
        self.draw.ellipse(box, fill=fill, outline=outline, width=round(width * self.unit))

    def oval(self, x0: float, y0: float, x1: float, y1: float, fill: Colour) -> None:
        self.draw.ellipse(self._box(x0, y0, x1, y1), fill=fill)

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: Colour, corner: float = 0) -> None:
        self.draw.rounded_rectangle(self._box(x0, y0, x1, y1), radius=corner * self.unit, fill=fill)

    def shape(self, points: Sequence[Point], fill: Colour) -> None:
        self.draw.polygon([self.at(*point) for point in points], fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        """A line with round ends and joints."""
        self.draw.line([self.at(*point) for point in points], fill=fill, width=round(width * self.unit), joint="curve")
        for x, y in (points[0], points[-1]):
            self.circle(x, y, width / 2, fill)

    def arc(self, x: float, y: float, radius: float, start: float, end: float, fill: Colour, width: float) -> None:
        """Part of a ring; degrees clockwise from three o'clock."""
        box = self._box(x - radius, y - radius, x + radius, y + radius)
        self.draw.arc(box, start, end, fill=fill, width=round(width * self.unit))

    def wave(self, x0: float, x1: float, y: float, height: float, turns: float) -> list[Point]:
        steps = 60
        return [
            (x0 + (x1 - x0) * n / steps, y + math.sin(n / steps * turns * 2 * math.pi) * height)
            for n in range(steps + 1)
        ]

    def steam(self, x: float, top: float, bottom: float, fill: Colour, width: float) -> None:
        """One rising curl between two heights."""
        curl = self.wave(bottom, top, x, 2.6, 1)
        self.line([(aside, height) for height, aside in curl], fill, width)

    def petal(self, x: float, y: float, length: float, width: float, degrees: float) -> list[Point]:
        """Outline of a leaf whose foot is at (x, y) and which points `degrees` clockwise from straight up."""
        turn = math.radians(degrees)
        outline = []
        for n in range(41):
            along = n / 20 if n <= 20 else (40 - n) / 20
            aside = math.sin(along * math.pi) * width / 2 * (1 if n <= 20 else -1)
            outline.append(
                (
                    x + math.sin(turn) * along * length + math.cos(turn) * aside,
                    y - math.cos(turn) * along * length + math.sin(turn) * aside,
                )
            )
        return outline
