"""Accounts over HTTP: each file hangs its routes on one of the blueprints."""

from app.net.http.accounts import (
    codes,
    devices,
    factors,
    federated,
    kyc,
    passkeys,
    passwords,
    personal,
    privacy,
    profile,
    rights,
    sessions,
    signing_in,
)
from app.net.http.accounts.blueprints import admin_kyc, auth, user

__all__ = [
    "admin_kyc",
    "auth",
    "codes",
    "devices",
    "factors",
    "federated",
    "kyc",
    "passkeys",
    "passwords",
    "personal",
    "privacy",
    "profile",
    "rights",
    "sessions",
    "signing_in",
    "user",
]
