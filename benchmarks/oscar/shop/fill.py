"""Fills the shop: products with stock and buyers with a saved address and a live session. Prints them as JSON.

Run as `python -m shop.fill PRODUCTS BUYERS` with the shop's settings in the environment.
"""

import json
import os
import sys
from decimal import Decimal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from oscar.core.loading import get_model  # noqa: E402

Category = get_model("catalogue", "Category")
Country = get_model("address", "Country")
Partner = get_model("partner", "Partner")
Product = get_model("catalogue", "Product")
ProductClass = get_model("catalogue", "ProductClass")
StockRecord = get_model("partner", "StockRecord")
UserAddress = get_model("address", "UserAddress")


def make_products(count: int) -> list[int]:
    """Products of one class, tracked stock, one stock record each; returns their ids."""
    product_class = ProductClass.objects.create(name="Thing", requires_shipping=True, track_stock=True)
    category = Category.add_root(name="Things", slug="things")
    partner = Partner.objects.create(name="Warehouse")
    ids = []
    for number in range(count):
        product = Product.objects.create(
            product_class=product_class, title=f"Thing {number}", upc=f"T{number}", structure="standalone"
        )
        product.categories.add(category)
        StockRecord.objects.create(
            product=product, partner=partner, partner_sku=f"S{number}", price=Decimal("19.90"),
            price_currency="USD", num_in_stock=10_000_000,
        )  # fmt: skip
        ids.append(product.id)
    return ids


def make_buyers(count: int) -> list[dict[str, object]]:
    """Buyers, each with one address and a session that is signed in already."""
    country = Country.objects.create(
        iso_3166_1_a2="NL", iso_3166_1_a3="NLD", iso_3166_1_numeric="528", printable_name="Netherlands",
        name="Netherlands", is_shipping_country=True,
    )  # fmt: skip
    buyers: list[dict[str, object]] = []
    for number in range(count):
        user = User.objects.create_user(f"buyer{number}", f"buyer{number}@example.com", "unused-password")
        address = UserAddress.objects.create(
            user=user, first_name="Bo", last_name=f"Buyer{number}", line1=f"Street {number}", line4="Delft",
            postcode="2611 AA", country=country,
        )  # fmt: skip
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "oscar.apps.customer.auth_backends.EmailBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        buyers.append({"session": session.session_key, "address": address.id})
    return buyers


if __name__ == "__main__":
    print(json.dumps({"products": make_products(int(sys.argv[1])), "buyers": make_buyers(int(sys.argv[2]))}))
