"""Accounts: who may come in, as whom, and with which rights."""

from app.services.accounts.attempts import TooManyAttempts
from app.services.accounts.login import BadCredentials, Credentials, log_in, refresh_login
from app.services.accounts.profile import PhoneTaken, change_profile, get_user, is_complete
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
    SessionEnded,
    SessionStart,
    SignedIn,
    authenticate_bearer,
    authenticate_cookie,
    end_all_sessions,
    end_session,
    list_sessions,
    touch_session,
)

__all__ = [
    "PERMISSIONS",
    "RANKS",
    "BadCredentials",
    "Credentials",
    "Forbidden",
    "Identity",
    "NewAccount",
    "PhoneTaken",
    "SessionEnded",
    "SessionStart",
    "SignedIn",
    "TooManyAttempts",
    "Unauthenticated",
    "UserInactive",
    "UsernameTaken",
    "authenticate_bearer",
    "authenticate_cookie",
    "change_profile",
    "end_all_sessions",
    "end_session",
    "ensure_account",
    "get_user",
    "is_complete",
    "is_staff",
    "list_sessions",
    "log_in",
    "permissions_of",
    "rank_of",
    "refresh_login",
    "register",
    "sign_up",
    "touch_session",
]
