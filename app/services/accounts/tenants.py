"""Schools and stores as places that have roles of their own."""

from app.models import School, Store
from app.models.stores import Seller
from app.utils.errors import NotFound

TENANT_KINDS: dict[str, type[School] | type[Store]] = {"school": School, "store": Store}


def get_tenant(kind: str, tenant_id: str) -> Seller:
    """The school or store, active or not. Raises NotFound (404)."""
    model = TENANT_KINDS.get(kind)
    row = model.find(tenant_id) if model else None
    if row is None:
        raise NotFound("There is no such thing here.")
    return row
