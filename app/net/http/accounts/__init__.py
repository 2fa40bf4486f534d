"""Accounts over HTTP: each file hangs its routes on one of the blueprints."""

from app.net.http.accounts import devices, kyc, personal, privacy, profile, sessions, signing_in
from app.net.http.accounts.blueprints import admin_kyc, auth, user

__all__ = [
    "admin_kyc",
    "auth",
    "devices",
    "kyc",
    "personal",
    "privacy",
    "profile",
    "sessions",
    "signing_in",
    "user",
]
