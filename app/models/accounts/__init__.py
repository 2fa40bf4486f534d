"""Accounts: people, how they come in, and what belongs to them."""

from app.models.accounts.codes import LoginCode, Referral
from app.models.accounts.consents import Consent
from app.models.accounts.devices import PushToken, UserDevice
from app.models.accounts.factors import (
    FederatedIdentity,
    FederatedLink,
    Passkey,
    PasskeyCredential,
    SecondFactor,
)
from app.models.accounts.kyc import KycCase
from app.models.accounts.logins import LoginAttempt, UserSession
from app.models.accounts.notices import RightsNotice
from app.models.accounts.one_time import OneTimeToken
from app.models.accounts.people import ACTIVE, BANNED, INACTIVE, LoginName, StudentProfile, User
from app.models.accounts.personal import Address, AddressBook, ContactChange, StaffProfile, UserMilestone
from app.models.accounts.privacy import DataExport, Erasure
from app.models.accounts.roles import Role, RoleGrant, SuperuserRoster

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
    "FederatedIdentity",
    "FederatedLink",
    "KycCase",
    "LoginAttempt",
    "LoginCode",
    "LoginName",
    "OneTimeToken",
    "Passkey",
    "PasskeyCredential",
    "PushToken",
    "Referral",
    "RightsNotice",
    "Role",
    "RoleGrant",
    "SecondFactor",
    "StaffProfile",
    "StudentProfile",
    "SuperuserRoster",
    "User",
    "UserDevice",
    "UserMilestone",
    "UserSession",
]
