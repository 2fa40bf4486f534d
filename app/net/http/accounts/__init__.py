"""Accounts over HTTP: each file hangs its routes on one of the blueprints."""

from app.net.http.accounts import (
    codes,
    factors,
    federated,
    passkeys,
    passwords,
    profile,
    rights,
    sessions,
    signing_in,
)
from app.net.http.accounts.blueprints import auth, user

__all__ = [
    "auth",
    "codes",
    "factors",
    "federated",
    "passkeys",
    "passwords",
    "profile",
    "rights",
    "sessions",
    "signing_in",
    "user",
]
