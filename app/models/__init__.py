"""The tables. `from app.models import Order`."""

from app.models.accounts import (
    AddressBook,
    Consent,
    ContactChange,
    DataExport,
    Erasure,
    KycCase,
    LoginAttempt,
    LoginName,
    OneTimeToken,
    PushToken,
    StaffProfile,
    StudentProfile,
    User,
    UserDevice,
    UserMilestone,
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
    "AddressBook",
    "AdminLog",
    "Cart",
    "CartContent",
    "CartLine",
    "CatalogItem",
    "CatalogName",
    "Category",
    "Consent",
    "ContactChange",
    "Course",
    "CourseEnrollment",
    "DataExport",
    "Erasure",
    "IdempotencyRecord",
    "ImportFault",
    "ImportRun",
    "KycCase",
    "LoginAttempt",
    "LoginName",
    "MaintenanceMark",
    "OneTimeToken",
    "Order",
    "OrderClaim",
    "OrderLine",
    "OwnedSeller",
    "Payment",
    "PaymentRefund",
    "Product",
    "PushToken",
    "SandboxCharge",
    "SandboxDelivery",
    "School",
    "Seller",
    "StaffProfile",
    "StockEntry",
    "Store",
    "StudentProfile",
    "User",
    "UserDevice",
    "UserMilestone",
    "UserSession",
    "WebhookEvent",
]
