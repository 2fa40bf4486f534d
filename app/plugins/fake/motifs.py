"""What stands in the middle of a cover: one short drawing a topic, on a square of 100 by 100 units."""

from collections.abc import Callable

from app.plugins.fake import motifs_goods, motifs_lessons
from app.plugins.fake.pens import Pen

MOTIFS: dict[str, Callable[[Pen], None]] = {**motifs_lessons.MOTIFS, **motifs_goods.MOTIFS}
