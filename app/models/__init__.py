from app.models.accounts import LoginAttempt, LoginName, StudentProfile, User, UserSession
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
from app.models.school import School
from app.models.stores import OwnedSeller, Seller, Store
