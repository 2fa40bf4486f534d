"""Passkeys: making them, looking after them, and logging in by one."""

from flask import Response

from app.net.answers import created, created_answer, list_answer, listed, no_content, no_content_answer, one, one_answer
from app.net.http.accounts.blueprints import auth
from app.net.http.accounts.logins import current_settings, login_out, session_start, unstored, with_cookie
from app.net.middlewares.access import (
    current_user,
    in_person_required,
    login_required,
    proof_required,
    public,
    session_cookie,
)
from app.net.middlewares.limits import takes_secret
from app.net.schemas.accounts.passkeys import (
    NewPasskeyIn,
    PasskeyChangesIn,
    PasskeyLoginIn,
    PasskeyLoginOptionsIn,
    PasskeyOptionsOut,
    PasskeyOut,
    PasskeyPath,
)
from app.net.schemas.accounts.signing_in import LoginOut
from app.services import accounts as account_service
from app.utils.clock import utc_now


@auth.get("/passkeys", answers=list_answer(PasskeyOut))
@login_required
def list_passkeys() -> Response:
    """My passkeys, oldest first: all of them on one page."""
    shown = [PasskeyOut.of(passkey) for passkey in account_service.passkeys.list_passkeys(current_user.id)]
    return listed(shown, size=len(shown), total=len(shown), next=None)


@auth.post("/passkeys/options", answers=one_answer(PasskeyOptionsOut), errors=(409, 422))
@proof_required
def begin_passkey() -> Response:
    """What the browser makes a passkey with. A mail address or phone number has to be confirmed before."""
    options = account_service.passkeys.begin_making(current_user, now=utc_now(), settings=current_settings())
    return unstored(one(PasskeyOptionsOut(public_key=options)))


@auth.post("/passkeys", answers=created_answer(PasskeyOut), errors=(409,))
@takes_secret
@proof_required
def add_passkey(body: NewPasskeyIn) -> Response:
    """Keep the passkey that the browser has just made."""
    passkey = account_service.passkeys.add(
        current_user, body.credential.model_dump(), body.name, now=utc_now(), settings=current_settings()
    )
    return created(PasskeyOut.of(passkey), location="/api/auth/passkeys")


@auth.patch("/passkeys/<passkey_id>", answers=one_answer(PasskeyOut), errors=(409,))
@in_person_required
def rename_passkey(path: PasskeyPath, body: PasskeyChangesIn) -> Response:
    """Call a passkey something else."""
    return one(PasskeyOut.of(account_service.passkeys.rename(current_user.id, path.passkey_id, body.name)))


@auth.delete("/passkeys/<passkey_id>", answers=no_content_answer(), errors=(409,))
@proof_required
def remove_passkey(path: PasskeyPath) -> Response:
    """Remove a passkey; the last way into the account stays."""
    account_service.passkeys.remove(current_user, path.passkey_id, now=utc_now())
    return no_content()


@auth.post("/login/passkey/options", answers=one_answer(PasskeyOptionsOut))
@takes_secret
@public
def begin_passkey_login(body: PasskeyLoginOptionsIn) -> Response:
    """What the browser uses a passkey with. A name that nobody has is answered as any other."""
    options = account_service.passkey_login.begin(body.username, now=utc_now(), settings=current_settings())
    return unstored(one(PasskeyOptionsOut(public_key=options)))


@auth.post("/login/passkey", answers=one_answer(LoginOut), errors=(401, 403))
@takes_secret
@public
def log_in_by_passkey(body: PasskeyLoginIn) -> Response:
    """Log in by passkey; there is no second step, for the device has verified its owner."""
    signed_in = account_service.passkey_login.log_in(
        body.credential.model_dump(),
        session_start(body),
        replaces=session_cookie() if body.client == "browser" else None,
        now=utc_now(),
        settings=current_settings(),
    )
    return with_cookie(one(login_out(signed_in)), signed_in)
