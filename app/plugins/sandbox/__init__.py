"""A payment provider that lives on this machine: its own books, a hosted page, and signed webhooks."""

from app.plugins.sandbox.provider import SandboxInProduction, SandboxProvider, init_app, sandbox
from app.plugins.sandbox.tables import SandboxCharge, SandboxDelivery

__all__ = ["SandboxCharge", "SandboxDelivery", "SandboxInProduction", "SandboxProvider", "init_app", "sandbox"]
