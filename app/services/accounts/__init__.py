"""Accounts: who may come in, as whom, and with which rights."""

from app.services.accounts import (
    factors,
    federated,
    passkey_login,
    passkeys,
    recovery,
    second_login,
    social_login,
    totp,
)
from app.services.accounts.attempts import TooManyAttempts
from app.services.accounts.login import (
    BadCredentials,
    Credentials,
    complete_login,
    log_in,
    prove_by_password,
    refresh_login,
)
from app.services.accounts.one_time import TokenInvalid
from app.services.accounts.profile import PhoneTaken, change_profile, get_user, is_complete
from app.services.accounts.proving import Proof, prove
from app.services.accounts.proving import begin_passkey as begin_passkey_proof
from app.services.accounts.registration import NewAccount, UsernameTaken, ensure_account, register, sign_up
from app.services.accounts.rights import (
    PERMISSIONS,
    RANKS,
    Forbidden,
    Identity,
    Unauthenticated,
    UserInactive,
    is_staff,
    permissions_of,
    rank_of,
)
from app.services.accounts.second_login import SecondFactorGiven
from app.services.accounts.second_step import EnrolmentRequired, SecondFactorRequired, ensure_enrolled
from app.services.accounts.sessions import (
    ProofRequired,
    SessionEnded,
    SessionStart,
    SignedIn,
    authenticate_bearer,
    authenticate_cookie,
    end_all_sessions,
    end_session,
    ensure_proved,
    list_sessions,
    mark_proved,
    touch_session,
)

__all__ = [
    "PERMISSIONS",
    "RANKS",
    "BadCredentials",
    "Credentials",
    "EnrolmentRequired",
    "Forbidden",
    "Identity",
    "NewAccount",
    "PhoneTaken",
    "Proof",
    "ProofRequired",
    "SecondFactorGiven",
    "SecondFactorRequired",
    "SessionEnded",
    "SessionStart",
    "SignedIn",
    "TokenInvalid",
    "TooManyAttempts",
    "Unauthenticated",
    "UserInactive",
    "UsernameTaken",
    "authenticate_bearer",
    "authenticate_cookie",
    "begin_passkey_proof",
    "change_profile",
    "complete_login",
    "end_all_sessions",
    "end_session",
    "ensure_account",
    "ensure_enrolled",
    "ensure_proved",
    "factors",
    "federated",
    "get_user",
    "is_complete",
    "is_staff",
    "list_sessions",
    "log_in",
    "mark_proved",
    "passkey_login",
    "passkeys",
    "permissions_of",
    "prove",
    "prove_by_password",
    "rank_of",
    "recovery",
    "refresh_login",
    "register",
    "second_login",
    "sign_up",
    "social_login",
    "totp",
    "touch_session",
]
