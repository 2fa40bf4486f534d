"""Accounts: people, and how they come in."""

from app.models.accounts.logins import LoginAttempt, UserSession
from app.models.accounts.notices import RightsNotice
from app.models.accounts.one_time import OneTimeToken
from app.models.accounts.people import ACTIVE, BANNED, INACTIVE, LoginName, StudentProfile, User
from app.models.accounts.roles import Role, RoleGrant, SuperuserRoster

__all__ = [
    "ACTIVE",
    "BANNED",
    "INACTIVE",
    "LoginAttempt",
    "LoginName",
    "OneTimeToken",
    "RightsNotice",
    "Role",
    "RoleGrant",
    "StudentProfile",
    "SuperuserRoster",
    "User",
    "UserSession",
]
