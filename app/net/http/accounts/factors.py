"""The authenticator app, recovery codes, the second step of a login, and what is set up."""

from flask import Response

from app.net.answers import created, created_answer, no_content, no_content_answer, one, one_answer
from app.net.http.accounts.blueprints import auth
from app.net.http.accounts.logins import current_settings, login_out, unstored, with_cookie
from app.net.middlewares.access import (
    current_user,
    in_person_required,
    login_required,
    proof_required,
    public,
    session_cookie,
)
from app.net.middlewares.limits import takes_secret
from app.net.schemas.accounts.factors import (
    FactorsOut,
    RecoveryCodesOut,
    SecondFactorIn,
    TicketIn,
    TotpConfirmIn,
    TotpOut,
)
from app.net.schemas.accounts.passkeys import PasskeyOptionsOut
from app.net.schemas.accounts.signing_in import LoginOut
from app.services import accounts as account_service
from app.services.accounts import SecondFactorGiven
from app.utils.clock import utc_now


@auth.get("/factors", answers=one_answer(FactorsOut))
@login_required
def read_factors() -> Response:
    """What I have set up to prove who I am."""
    return one(FactorsOut.of(account_service.factors.factors_of(current_user, settings=current_settings())))


@auth.post("/totp", answers=created_answer(TotpOut), errors=(409,))
@proof_required
def enrol_totp() -> Response:
    """A secret for an authenticator app. Nothing changes before a code of it is confirmed.

    A mail address or phone number of the account has to be confirmed before.
    """
    enrolment = account_service.totp.enrol(current_user, now=utc_now(), settings=current_settings())
    return unstored(created(TotpOut.of(enrolment), location="/api/auth/factors"))


@auth.post("/totp/confirm", answers=one_answer(RecoveryCodesOut), errors=(409,))
@takes_secret
@proof_required
def confirm_totp(body: TotpConfirmIn) -> Response:
    """Turn the authenticator app on by one of its codes. The answer is the only time the recovery codes are shown."""
    codes = account_service.totp.confirm(current_user, body.code, now=utc_now(), settings=current_settings())
    return unstored(one(RecoveryCodesOut(recovery_codes=codes)))


@auth.delete("/totp", answers=no_content_answer(), errors=(404,))
@proof_required
def remove_totp() -> Response:
    """Remove the authenticator app and the recovery codes."""
    account_service.totp.remove(current_user, now=utc_now())
    return no_content()


@auth.post("/recovery-codes", answers=one_answer(RecoveryCodesOut), errors=(409,))
@proof_required
def renew_recovery_codes() -> Response:
    """New recovery codes, shown only here; the old ones are dead."""
    codes = account_service.recovery.renew(current_user, now=utc_now(), settings=current_settings())
    return unstored(one(RecoveryCodesOut(recovery_codes=codes)))


@auth.post("/login/second-factor", answers=one_answer(LoginOut), errors=(401, 403))
@takes_secret
@public
def take_second_step(body: SecondFactorIn) -> Response:
    """The second step of a login: the ticket and a second factor. A wrong one leaves the ticket good, five times."""
    given = SecondFactorGiven(body.method, body.code or "", body.passkey.model_dump() if body.passkey else None)
    signed_in = account_service.second_login.finish(
        body.ticket, given, replaces=session_cookie(), now=utc_now(), settings=current_settings()
    )
    return with_cookie(one(login_out(signed_in)), signed_in)


@auth.post("/login/second-factor/passkey-options", answers=one_answer(PasskeyOptionsOut))
@takes_secret
@public
def begin_passkey_second_step(body: TicketIn) -> Response:
    """What the browser uses a passkey with for the second step."""
    options = account_service.second_login.begin_passkey(body.ticket, now=utc_now(), settings=current_settings())
    return unstored(one(PasskeyOptionsOut(public_key=options)))


@auth.post("/prove/passkey-options", answers=one_answer(PasskeyOptionsOut))
@in_person_required
def begin_passkey_proof() -> Response:
    """What the browser uses a passkey with for `/auth/prove`."""
    options = account_service.begin_passkey_proof(current_user, now=utc_now(), settings=current_settings())
    return unstored(one(PasskeyOptionsOut(public_key=options)))
