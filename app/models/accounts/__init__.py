"""Accounts: people, how they come in, and what belongs to them."""

from app.models.accounts.consents import Consent
from app.models.accounts.devices import PushToken, UserDevice
from app.models.accounts.kyc import KycCase
from app.models.accounts.logins import LoginAttempt, UserSession
from app.models.accounts.one_time import OneTimeToken
from app.models.accounts.people import ACTIVE, BANNED, INACTIVE, LoginName, StudentProfile, User
from app.models.accounts.personal import Address, AddressBook, ContactChange, StaffProfile, UserMilestone
from app.models.accounts.privacy import DataExport, Erasure

__all__ = [
    "ACTIVE",
    "BANNED",
    "INACTIVE",
    "Address",
    "AddressBook",
    "Consent",
    "ContactChange",
    "DataExport",
    "Erasure",
    "KycCase",
    "LoginAttempt",
    "LoginName",
    "OneTimeToken",
    "PushToken",
    "StaffProfile",
    "StudentProfile",
    "User",
    "UserDevice",
    "UserMilestone",
    "UserSession",
]
