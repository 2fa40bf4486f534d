"""What payments answer on the wire."""

from typing import Self

from pydantic import Field

from app.models import Payment
from app.net.schemas.common import Id, Instant, MoneyText, Out, PathIds
from app.utils.charges import PaymentProvider
from app.utils.money import to_text


class PaymentPath(PathIds):
    payment_id: Id


class ProviderPath(PathIds):
    provider: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")


class MethodOut(Out):
    """One way to pay."""

    provider: str
    name: str

    @classmethod
    def of(cls, provider: PaymentProvider) -> Self:
        return cls(provider=provider.name, name=provider.label)


class PaymentOut(Out):
    """A payment, for the person who pays."""

    id: str
    status: str
    provider: str
    related_kind: str
    related_id: str
    amount: MoneyText
    captured: MoneyText
    refunded: MoneyText
    currency: str
    checkout_url: str | None = Field(description="Where a waiting payment is made.")
    created_at: Instant
    expires_at: Instant
    settled_at: Instant | None

    @classmethod
    def of(cls, payment: Payment) -> Self:
        currency = payment.currency
        return cls(
            id=payment.id,
            status=payment.status,
            provider=payment.provider,
            related_kind=payment.related_kind,
            related_id=payment.related_id,
            amount=to_text(payment.amount_cents, currency),
            captured=to_text(payment.captured_cents, currency),
            refunded=to_text(payment.refunded_cents, currency),
            currency=currency,
            checkout_url=payment.checkout_url if payment.status == "waiting" else None,
            created_at=payment.requested_at,
            expires_at=payment.expires_at,
            settled_at=payment.settled_at,
        )


class ReceiptOut(Out):
    """What became of an event."""

    result: str
