"""Accounts: people, and how they come in."""

from app.models.accounts.codes import LoginCode, Referral
from app.models.accounts.factors import (
    FederatedIdentity,
    FederatedLink,
    Passkey,
    PasskeyCredential,
    SecondFactor,
)
from app.models.accounts.logins import LoginAttempt, UserSession
from app.models.accounts.notices import RightsNotice
from app.models.accounts.one_time import OneTimeToken
from app.models.accounts.people import ACTIVE, BANNED, INACTIVE, LoginName, StudentProfile, User
from app.models.accounts.roles import Role, RoleGrant, SuperuserRoster

__all__ = [
    "ACTIVE",
    "BANNED",
    "INACTIVE",
    "FederatedIdentity",
    "FederatedLink",
    "LoginAttempt",
    "LoginCode",
    "LoginName",
    "OneTimeToken",
    "Passkey",
    "PasskeyCredential",
    "Referral",
    "RightsNotice",
    "Role",
    "RoleGrant",
    "SecondFactor",
    "StudentProfile",
    "SuperuserRoster",
    "User",
    "UserSession",
]
