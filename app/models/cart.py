"""What a visitor or a user means to buy."""

import json
from dataclasses import asdict, dataclass, replace

from app.plugins.cassandra_cqlengine import ConditionalModel, columns

KEEP_DAYS = 30


@dataclass(frozen=True)
class CartLine:
    """One thing in a cart; `price_seen_cents` is the price its owner last saw, in minor units of `currency`."""

    kind: str
    ref_id: str
    quantity: int
    price_seen_cents: int
    currency: str

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.ref_id}"


@dataclass(frozen=True)
class CartContent:
    """All that a cart holds. `merging_into` is set while a visitor's cart moves to a user at login; `applied` are
    the ids of the visitor carts this one took in, of the orders made of it, and the keys of requests that added to it,
    so that repeating any of them is harmless."""

    id: str
    lines: tuple[CartLine, ...] = ()
    merging_into: str = ""
    applied: tuple[str, ...] = ()

    def with_lines(self, lines: tuple[CartLine, ...]) -> "CartContent":
        return replace(self, lines=lines)

    def line(self, line_id: str) -> CartLine | None:
        return next((line for line in self.lines if line.id == line_id), None)


class Cart(ConditionalModel):
    """One open cart. Read path: the cart of a user (`user:<id>`) or of a visitor (`visitor:<hash of the cookie>`).

    The whole cart is one column, so that each change renews the time to live of all of it: the store itself
    deletes a cart that nobody touched for 30 days.
    """

    __table_name__ = "cart"
    __options__ = {"default_time_to_live": KEEP_DAYS * 24 * 3600}

    owner = columns.Text(partition_key=True)
    content = columns.Text(required=True)

    @property
    def held(self) -> CartContent:
        """The content as values."""
        raw = json.loads(self.content)
        return CartContent(
            id=raw["id"],
            lines=tuple(CartLine(**line) for line in raw["lines"]),
            merging_into=raw["merging_into"],
            applied=tuple(raw["applied"]),
        )


def packed(content: CartContent) -> str:
    """The text of a cart's `content` column."""
    return json.dumps(asdict(content), ensure_ascii=False, separators=(",", ":"))
