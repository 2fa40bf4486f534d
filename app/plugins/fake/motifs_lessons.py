"""Drawings for what can be learned."""

from collections.abc import Callable

from app.plugins.fake.pens import Pen


def draw_music(pen: Pen) -> None:
    for n in range(9):
        height = pen.chance.uniform(6, 26)
        pen.box(12 + n * 9, 84 - height, 17 + n * 9, 84, pen.accent, 2)
    pen.line([(38, 60), (38, 22), (72, 14), (72, 52)], pen.paper, 5)
    pen.line([(38, 32), (72, 24)], pen.paper, 5)
    pen.oval(22, 52, 41, 67, pen.paper)
    pen.oval(56, 44, 75, 59, pen.paper)


def draw_dance(pen: Pen) -> None:
    for n, colour in enumerate((pen.accent, pen.mist, pen.paper)):
        pen.line(pen.wave(8, 92, 80 + n * 5, 5 - n, 1.5 + n / 4), colour, 2.4)
    pen.circle(52, 17, 7.5, pen.paper)
    pen.line([(52, 26), (48, 46)], pen.paper, 8)
    pen.line([(51, 29), (68, 22), (80, 8)], pen.paper, 4.4)
    pen.line([(50, 30), (34, 36), (20, 28)], pen.paper, 4.4)
    pen.shape([(46, 40), (53, 42), (74, 64), (30, 62)], pen.accent)
    pen.line([(46, 60), (44, 86)], pen.paper, 4.6)
    pen.line([(58, 60), (76, 72), (90, 66)], pen.paper, 4.6)


def draw_languages(pen: Pen) -> None:
    pen.box(8, 16, 62, 54, pen.paper, 9)
    pen.shape([(20, 50), (20, 68), (36, 52)], pen.paper)
    pen.box(42, 42, 92, 78, pen.accent, 9)
    pen.shape([(80, 74), (82, 92), (64, 76)], pen.accent)
    for row, end in ((27, 52), (35, 44), (43, 48)):
        pen.line([(18, row), (min(end, 52), row)], pen.ink, 2.6)
    for n in range(3):
        pen.circle(56 + n * 11, 60, 3.2, pen.ink)


def draw_cooking(pen: Pen) -> None:
    for n in range(3):
        pen.steam(36 + n * 14, 11, 36, pen.accent, 3)
    pen.draw.pieslice((*pen.at(14, 10), *pen.at(86, 86)), 0, 180, fill=pen.paper)
    pen.box(8, 44, 92, 52, pen.mist, 4)
    pen.box(34, 84, 66, 89, pen.paper, 2)
    for x, colour in ((28, pen.accent), (44, pen.ink), (58, pen.accent), (70, pen.ink)):
        pen.circle(x, 61, 3.4, colour)


def draw_yoga(pen: Pen) -> None:
    pen.circle(50, 40, 27, pen.accent)
    for angle, length, colour in ((-68, 40, pen.mist), (68, 40, pen.mist), (-38, 46, pen.paper), (38, 46, pen.paper)):
        pen.shape(pen.petal(50, 80, length, 21, angle), colour)
    pen.shape(pen.petal(50, 80, 52, 24, 0), pen.mist)
    pen.line(pen.wave(14, 86, 87, 1.6, 3), pen.paper, 2)


def draw_coding(pen: Pen) -> None:
    pen.box(8, 16, 92, 84, pen.paper, 6)
    pen.box(8, 16, 92, 29, pen.mist, 6)
    for n, colour in enumerate(((236, 106, 94), (244, 190, 79), (97, 197, 84))):
        pen.circle(16 + n * 7, 22.5, 2.3, colour)
    for n in range(6):
        left = 16 + pen.chance.choice((0, 0, 7, 14))
        middle = left + pen.chance.uniform(8, 20)
        y = 37 + n * 8
        pen.line([(left, y), (middle, y)], pen.ink, 2.8)
        pen.line([(middle + 6, y), (middle + 6 + pen.chance.uniform(6, 22), y)], pen.accent, 2.8)


def draw_ceramics(pen: Pen) -> None:
    outline = [(38, 14), (62, 14), (59, 28), (74, 46), (73, 66), (60, 86), (40, 86), (27, 66), (26, 46), (41, 28)]
    pen.shape(outline, pen.paper)
    pen.oval(26, 36, 74, 78, pen.paper)
    pen.line([(37, 14), (63, 14)], pen.mist, 4)
    pen.line(pen.wave(30, 70, 52, 3, 3), pen.accent, 3)
    pen.line(pen.wave(30, 70, 60, 3, 3), pen.ink, 2)
    pen.box(22, 87, 78, 92, pen.accent, 2)


def draw_photography(pen: Pen) -> None:
    pen.box(34, 18, 66, 34, pen.mist, 4)
    pen.box(8, 28, 92, 82, pen.paper, 8)
    pen.circle(50, 55, 22, pen.ink)
    pen.circle(50, 55, 17, pen.accent)
    pen.circle(50, 55, 11, pen.ink)
    pen.circle(45, 50, 3.4, pen.paper)
    pen.circle(80, 38, 3.4, pen.accent)


def draw_drawing(pen: Pen) -> None:
    pen.oval(10, 24, 84, 86, pen.paper)
    pen.circle(64, 66, 8, pen.ink)
    for x, y, colour in (
        (28, 46, (230, 92, 92)),
        (42, 36, (244, 190, 79)),
        (60, 38, (88, 176, 120)),
        (26, 64, (84, 120, 210)),
    ):
        pen.circle(x, y, 6, colour)
    pen.line([(58, 62), (86, 18)], pen.mist, 4)
    pen.shape(pen.petal(84, 20, 16, 8, 32), pen.accent)


def draw_fitness(pen: Pen) -> None:
    pen.line([(20, 50), (80, 50)], pen.mist, 6)
    for left, right, reach in ((10, 17, 12), (18, 28, 24)):
        pen.box(left, 50 - reach, right, 50 + reach, pen.paper, 3)
        pen.box(100 - right, 50 - reach, 100 - left, 50 + reach, pen.paper, 3)
    pen.line([(30, 84), (42, 84), (47, 76), (54, 91), (59, 84), (72, 84)], pen.accent, 2.8)


def draw_business(pen: Pen) -> None:
    for n, height in enumerate((20, 32, 28, 46, 58)):
        pen.box(14 + n * 15, 84 - height, 25 + n * 15, 84, pen.paper if n % 2 else pen.mist, 2)
    pen.line([(18, 52), (34, 40), (50, 44), (66, 26), (84, 12)], pen.accent, 4)
    pen.shape([(88, 6), (86, 20), (75, 11)], pen.accent)


MOTIFS: dict[str, Callable[[Pen], None]] = {
    "music": draw_music,
    "dance": draw_dance,
    "languages": draw_languages,
    "cooking": draw_cooking,
    "yoga": draw_yoga,
    "coding": draw_coding,
    "ceramics": draw_ceramics,
    "photography": draw_photography,
    "drawing": draw_drawing,
    "fitness": draw_fitness,
    "business": draw_business,
}
