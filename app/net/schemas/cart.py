"""What a cart reads and answers on the wire."""

from typing import Literal, Self

from pydantic import Field

from app.net.schemas.common import Body, Id, MoneyText, Out, PathIds
from app.services.cart.viewing import ShownCart, ShownLine
from app.services.orders.totals import MAX_QUANTITY
from app.utils.money import to_text

Kind = Literal["course", "product"]


class CartItemIn(Body):
    """So many more of one thing."""

    kind: Kind
    ref_id: Id
    quantity: int = Field(1, ge=1, le=MAX_QUANTITY)


class CartQuantityIn(Body):
    """Exactly so many; 0 takes the line out."""

    quantity: int = Field(ge=0, le=MAX_QUANTITY)


class CartLinePath(PathIds):
    line_id: str = Field(pattern=r"^(course|product):[A-Za-z0-9_-]{1,64}$")


class CartLineOut(Out):
    """One line with today's price. `stock`: how many are left, null when that is not counted."""

    id: str
    kind: Kind
    ref_id: str
    slug: str | None
    title: str
    picture: str | None
    seller_name: str | None
    quantity: int
    unit_price: MoneyText
    line_total: MoneyText
    currency: str
    price_changed: bool
    available: bool
    stock: int | None

    @classmethod
    def of(cls, shown: ShownLine) -> Self:
        line, item = shown.line, shown.item
        currency = item.currency if item else line.currency
        return cls(
            id=line.id,
            kind=line.kind,  # type: ignore[arg-type]
            ref_id=line.ref_id,
            slug=item.slug if item else None,
            title=item.title if item else "",
            picture=(item.cover or None) if item else None,
            seller_name=item.seller_name if item else None,
            quantity=line.quantity,
            unit_price=to_text(item.price_cents if item else line.price_seen_cents, currency),
            line_total=to_text(shown.total_cents, currency),
            currency=currency,
            price_changed=shown.price_changed,
            available=shown.is_available,
            stock=shown.left,
        )


class CartOut(Out):
    """The whole cart. The totals are those of the available lines, as an order made now would charge them."""

    items: list[CartLineOut]
    count: int = Field(description="Things in the cart, quantities summed.")
    subtotal: MoneyText
    total: MoneyText
    currency: str

    @classmethod
    def of(cls, cart: ShownCart) -> Self:
        totals = cart.totals
        return cls(
            items=[CartLineOut.of(shown) for shown in cart.lines],
            count=sum(shown.line.quantity for shown in cart.lines),
            subtotal=to_text(totals.subtotal_cents, totals.currency),
            total=to_text(totals.total_cents, totals.currency),
            currency=totals.currency,
        )
