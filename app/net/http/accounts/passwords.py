"""Mailed links and new passwords. None of the public doors tells whether there is an account."""

from flask import Response

from app.net.answers import accepted, accepted_answer, no_content, no_content_answer
from app.net.http.accounts.blueprints import auth
from app.net.http.accounts.logins import current_settings
from app.net.middlewares.access import current_user, in_person_required, login_required, public
from app.net.middlewares.limits import sends_message, takes_secret
from app.net.schemas.accounts.codes import SentOut
from app.net.schemas.accounts.passwords import ActivationIn, LinkIn, PasswordChangeIn, ResetIn, ResetRequestIn
from app.services import accounts as account_service
from app.services.accounts import confirming, resetting
from app.utils.clock import utc_now


@auth.post("/confirm-email", answers=no_content_answer())
@takes_secret
@public
def confirm_email(body: LinkIn) -> Response:
    """Confirm the address that the link was mailed to."""
    account_service.confirm_email(body.token, now=utc_now())
    return no_content()


@auth.post("/confirm-email/resend", answers=accepted_answer(SentOut))
@sends_message
@login_required
def resend_confirmation() -> Response:
    """Have the link mailed again, at most five times an hour. Nothing is sent when the address is confirmed."""
    account_service.resend_confirmation(current_user.user, now=utc_now())
    return accepted(SentOut.good_for(confirming.LINK_LIVES))


@auth.post("/password/change", answers=no_content_answer())
@takes_secret
@in_person_required
def change_password(body: PasswordChangeIn) -> Response:
    """Change my password. My other logins end."""
    account_service.change_password(current_user, body.old, body.new, now=utc_now(), settings=current_settings())
    return no_content()


@auth.post("/password/reset", answers=accepted_answer(SentOut))
@sends_message
@public
def request_password_reset(body: ResetRequestIn) -> Response:
    """Have a link mailed. The answer is the same whether there is an account or not."""
    account_service.request_reset(body.email, now=utc_now())
    return accepted(SentOut.good_for(resetting.LINK_LIVES))


@auth.post("/password/reset/confirm", answers=no_content_answer())
@takes_secret
@public
def reset_password(body: ResetIn) -> Response:
    """Choose a new password by the mailed link. All logins end."""
    account_service.confirm_reset(body.token, body.new, now=utc_now(), settings=current_settings())
    return no_content()


@auth.post("/activate", answers=no_content_answer())
@takes_secret
@public
def activate(body: ActivationIn) -> Response:
    """Take over an account that was made for me, by choosing its password."""
    account_service.activate(body.token, body.password, now=utc_now(), settings=current_settings())
    return no_content()
