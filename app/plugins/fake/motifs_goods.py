"""Drawings for what can be bought in a shop."""

from collections.abc import Callable

from app.plugins.fake.pens import Pen


def draw_shoes(pen: Pen) -> None:
    body = [(12, 34), (24, 40), (36, 34), (46, 34), (60, 52), (84, 58), (92, 68), (91, 74), (9, 74), (8, 56)]
    pen.shape(body, pen.paper)
    pen.shape([(10, 40), (20, 45), (22, 66), (9, 66)], pen.accent)
    pen.box(7, 72, 93, 82, pen.mist, 5)
    for n in range(4):
        pen.line([(44 + n * 6, 44 + n * 5.2), (36 + n * 6, 48 + n * 5)], pen.ink, 2)
    pen.line([(28, 68), (44, 58), (64, 68)], pen.accent, 3)


def draw_instruments(pen: Pen) -> None:
    pen.line([(56, 44), (86, 14)], pen.mist, 6)
    pen.line([(82, 18), (92, 8)], pen.accent, 9)
    pen.circle(36, 66, 24, pen.paper)
    pen.circle(53, 49, 17, pen.paper)
    pen.circle(42, 60, 9.5, pen.ink)
    pen.line([(25, 69), (33, 77)], pen.accent, 4)
    for n in range(3):
        pen.line([(28 + n * 1.8, 70.5 + n * 1.8), (84 + n * 1.4, 13 + n * 1.4)], pen.accent, 0.7)


def draw_books(pen: Pen) -> None:
    shift = pen.chance.uniform(-3, 3)
    rows = ((62, pen.accent), (46, pen.paper), (30, pen.mist))
    for n, (top, colour) in enumerate(rows):
        left = 16 + (n % 2) * 6 + shift
        pen.box(left, top, left + 62, top + 15, colour, 2.5)
        pen.box(left + 54, top + 3, left + 62, top + 12, pen.ink, 1)
        pen.line([(left + 8, top + 7.5), (left + 30, top + 7.5)], pen.ink, 2)
    pen.box(14, 79, 86, 84, pen.mist, 2)
    pen.shape([(60, 30), (70, 30), (70, 12), (65, 17), (60, 12)], pen.accent)


def draw_electronics(pen: Pen) -> None:
    pen.box(28, 14, 72, 86, pen.paper, 9)
    pen.box(44, 18, 56, 21, pen.ink, 1.5)
    pen.shape([(54, 30), (38, 54), (49, 54), (45, 70), (62, 46), (51, 46)], pen.accent)
    for n in range(4):
        pen.circle(41 + n * 6, 78, 1.9, pen.accent if n < 3 else pen.mist)
    pen.line([(72, 70), (84, 70), (84, 40), (92, 40)], pen.mist, 2.6)


def draw_kitchen(pen: Pen) -> None:
    pen.arc(72, 54, 14, 0, 360, pen.paper, 5)
    pen.box(20, 32, 70, 84, pen.paper, 8)
    pen.box(20, 48, 70, 58, pen.accent)
    for n in range(3):
        pen.steam(33 + n * 12, 8, 27, pen.mist, 2.4)
    pen.box(12, 86, 82, 90, pen.mist, 2)


def draw_home(pen: Pen) -> None:
    for angle, length in ((-62, 34), (62, 34), (-30, 44), (30, 44), (0, 50)):
        pen.shape(pen.petal(50, 64, length, 14, angle), pen.accent if angle % 4 else pen.mist)
        pen.line([(50, 64), (50 + angle / 3, 64 - length * 0.6)], pen.ink, 0.9)
    pen.shape([(30, 60), (70, 60), (64, 90), (36, 90)], pen.paper)
    pen.box(27, 57, 73, 66, pen.mist, 3)


def draw_clothing(pen: Pen) -> None:
    shirt = [(34, 16), (66, 16), (92, 34), (80, 50), (71, 44), (71, 88), (29, 88), (29, 44), (20, 50), (8, 34)]
    pen.shape(shirt, pen.paper)
    pen.draw.pieslice((*pen.at(38, 6), *pen.at(62, 26)), 0, 180, fill=pen.ink)
    for n in range(3):
        pen.box(29, 52 + n * 9, 71, 56 + n * 9, pen.accent)


def draw_outdoors(pen: Pen) -> None:
    pen.circle(72, 26, 10, pen.accent)
    pen.shape([(4, 74), (34, 24), (62, 74)], pen.mist)
    pen.shape([(36, 74), (66, 38), (96, 74)], pen.paper)
    pen.shape([(34, 24), (26, 38), (33, 35), (38, 40), (42, 38)], pen.paper)
    pen.shape([(28, 86), (46, 58), (64, 86)], pen.accent)
    pen.shape([(42, 86), (46, 68), (51, 86)], pen.ink)
    pen.line([(8, 87), (92, 87)], pen.mist, 3)


def draw_toys(pen: Pen) -> None:
    pen.box(14, 56, 46, 86, pen.paper, 3)
    pen.box(52, 56, 84, 86, pen.accent, 3)
    pen.box(33, 22, 65, 52, pen.mist, 3)
    for x, y, radius, colour in ((30, 71, 8, pen.accent), (49, 37, 8, pen.ink)):
        pen.circle(x, y, radius, colour)
    pen.shape([(68, 62), (78, 80), (58, 80)], pen.ink)


def draw_sports(pen: Pen) -> None:
    pen.circle(50, 50, 36, pen.paper)
    pen.arc(18, 50, 30, -52, 52, pen.accent, 3)
    pen.arc(82, 50, 30, 128, 232, pen.accent, 3)
    pen.line([(50, 15), (50, 85)], pen.ink, 2)
    pen.line([(15, 50), (85, 50)], pen.ink, 2)


def draw_beauty(pen: Pen) -> None:
    pen.box(36, 40, 68, 88, pen.paper, 6)
    pen.box(44, 28, 60, 42, pen.mist, 2)
    pen.box(40, 18, 64, 29, pen.accent, 3)
    pen.box(40, 54, 64, 74, pen.accent, 2)
    pen.shape(pen.petal(24, 88, 34, 13, -14), pen.mist)
    pen.shape(pen.petal(80, 88, 40, 13, 12), pen.mist)


MOTIFS: dict[str, Callable[[Pen], None]] = {
    "shoes": draw_shoes,
    "instruments": draw_instruments,
    "books": draw_books,
    "electronics": draw_electronics,
    "kitchen": draw_kitchen,
    "home": draw_home,
    "clothing": draw_clothing,
    "outdoors": draw_outdoors,
    "toys": draw_toys,
    "sports": draw_sports,
    "beauty": draw_beauty,
}
