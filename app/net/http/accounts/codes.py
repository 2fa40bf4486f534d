"""One-time codes by mail and SMS."""

from flask import Response

from app.net.answers import accepted, accepted_answer, one, one_answer
from app.net.http.accounts.blueprints import auth
from app.net.http.accounts.logins import current_settings, unstored
from app.net.middlewares.access import public
from app.net.middlewares.limits import sends_message, takes_secret
from app.net.schemas.accounts.codes import OtpIn, OtpRequestIn, ProofOut, SentOut
from app.services import accounts as account_service
from app.services.accounts.codes import CODE_LIVES, PROOF_LIVES
from app.utils.clock import utc_now


@auth.post("/get-otp", answers=accepted_answer(SentOut), errors=(409,))
@sends_message
@public
def get_otp(body: OtpRequestIn) -> Response:
    """Have a code of six digits sent. The answer is the same whether there is an account or not."""
    account_service.send_code(body.identifier, body.purpose, now=utc_now(), settings=current_settings())
    return accepted(SentOut.good_for(CODE_LIVES))


@auth.post("/verify-otp", answers=one_answer(ProofOut), errors=(409,))
@takes_secret
@public
def verify_otp(body: OtpIn) -> Response:
    """Prove to have received the code. After five wrong tries the code is dead."""
    token = account_service.verify_code(body.identifier, body.code, now=utc_now(), settings=current_settings())
    return unstored(one(ProofOut.of(token, PROOF_LIVES)))
