"""Who asks: what a rule may know of the person behind a call."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A signed-in person. is_staff: may act on every seller's things."""

    id: str
    is_staff: bool = False
