"""The tables. `from app.models import Order`."""

from app.models.accounts import (
    FederatedIdentity,
    FederatedLink,
    LoginAttempt,
    LoginCode,
    LoginName,
    OneTimeToken,
    Passkey,
    PasskeyCredential,
    Referral,
    RightsNotice,
    Role,
    RoleGrant,
    SecondFactor,
    StudentProfile,
    SuperuserRoster,
    User,
    UserSession,
)
from app.models.admin import AdminLog
from app.models.cart import Cart, CartContent, CartLine
from app.models.catalog import (
    CatalogItem,
    CatalogName,
    Category,
    Course,
    ImportFault,
    ImportRun,
    Product,
    StockEntry,
)
from app.models.idempotency import IdempotencyRecord
from app.models.maintenance import MaintenanceMark
from app.models.orders import CourseEnrollment, Order, OrderClaim, OrderLine
from app.models.payments import Payment, PaymentRefund, SandboxCharge, SandboxDelivery, WebhookEvent
from app.models.school import School
from app.models.stores import OwnedSeller, Seller, Store

__all__ = [
    "AdminLog",
    "Cart",
    "CartContent",
    "CartLine",
    "CatalogItem",
    "CatalogName",
    "Category",
    "Course",
    "CourseEnrollment",
    "FederatedIdentity",
    "FederatedLink",
    "IdempotencyRecord",
    "ImportFault",
    "ImportRun",
    "LoginAttempt",
    "LoginCode",
    "LoginName",
    "MaintenanceMark",
    "OneTimeToken",
    "Order",
    "OrderClaim",
    "OrderLine",
    "OwnedSeller",
    "Passkey",
    "PasskeyCredential",
    "Payment",
    "PaymentRefund",
    "Product",
    "Referral",
    "RightsNotice",
    "Role",
    "RoleGrant",
    "SandboxCharge",
    "SandboxDelivery",
    "School",
    "SecondFactor",
    "Seller",
    "StockEntry",
    "Store",
    "StudentProfile",
    "SuperuserRoster",
    "User",
    "UserSession",
    "WebhookEvent",
]
