"""Accounts: people, and how they come in."""

from app.models.accounts.codes import LoginCode, Referral
from app.models.accounts.logins import LoginAttempt, UserSession
from app.models.accounts.one_time import OneTimeToken
from app.models.accounts.people import ACTIVE, BANNED, INACTIVE, LoginName, StudentProfile, User

__all__ = [
    "ACTIVE",
    "BANNED",
    "INACTIVE",
    "LoginAttempt",
    "LoginCode",
    "LoginName",
    "OneTimeToken",
    "Referral",
    "StudentProfile",
    "User",
    "UserSession",
]
