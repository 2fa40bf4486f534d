"""Accounts: who may come in, as whom, and with which rights."""

from app.services.accounts.attempts import TooManyAttempts
from app.services.accounts.login import (
    BadCredentials,
    Credentials,
    complete_login,
    log_in,
    prove_by_password,
    refresh_login,
)
from app.services.accounts.milestones import is_complete
from app.services.accounts.moving import ContactTaken
from app.services.accounts.one_time import TokenInvalid
from app.services.accounts.profile import ProfileView, change_profile, get_user, view_profile
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
    "ContactTaken",
    "Credentials",
    "Forbidden",
    "Identity",
    "NewAccount",
    "ProfileView",
    "ProofRequired",
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
    "change_profile",
    "complete_login",
    "end_all_sessions",
    "end_session",
    "ensure_account",
    "ensure_proved",
    "get_user",
    "is_complete",
    "is_staff",
    "list_sessions",
    "log_in",
    "mark_proved",
    "permissions_of",
    "prove_by_password",
    "rank_of",
    "refresh_login",
    "register",
    "sign_up",
    "touch_session",
    "view_profile",
]
