"""Ways to pay, a payment's status, and the doors providers send their events to."""

from flask import Response, request

from app.net.answers import list_answer, listed, one, one_answer
from app.net.middlewares.access import current_user, login_required, public
from app.net.middlewares.blueprints import ApiBlueprint
from app.net.schemas.payments import MethodOut, PaymentOut, PaymentPath, ProviderPath, ReceiptOut
from app.services.payments.providers import methods
from app.services.payments.reading import get_owned_payment
from app.services.payments.webhooks import receive_event
from app.utils.clock import utc_now

EVENT_MAX_BYTES = 256 * 1024

payments = ApiBlueprint("payments", url_prefix="/api/payment", tag="Payments")


@payments.get("/methods", answers=list_answer(MethodOut))
@public
def list_methods() -> Response:
    """The ways to pay that are set up."""
    offered = [MethodOut.of(provider) for provider in methods()]
    return listed(offered, size=len(offered), total=len(offered), next=None)


@payments.get("/status/<payment_id>", answers=one_answer(PaymentOut))
@login_required
def read_payment(path: PaymentPath) -> Response:
    """One of my payments."""
    return one(PaymentOut.of(get_owned_payment(path.payment_id, current_user.id)))


@payments.post(
    "/webhook/<provider>", answers=one_answer(ReceiptOut), errors=(400, 413), csrf=False, max_bytes=EVENT_MAX_BYTES
)
@public
def receive_webhook(path: ProviderPath) -> Response:
    """A provider's signed event, as raw body. 200 whenever it needs no second delivery."""
    result = receive_event(path.provider, request.get_data(), dict(request.headers), now=utc_now())
    return one(ReceiptOut(result=result))
