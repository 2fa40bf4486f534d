"""`/seller`: new orders and progress of a school or store the person owns or works for."""

from typing import Any

from flask_socketio import join_room, leave_room

from app.net.schemas.sockets import SubscribeSellerIn
from app.net.sockets.namespace import SignedInNamespace
from app.services import stores as store_service
from app.services.accounts import Forbidden, ensure_may
from app.utils.errors import NotFound

HEARS = "orders.sale.read"


class SellerNamespace(SignedInNamespace):
    events = frozenset({"subscribe", "unsubscribe"})

    def on_subscribe(self, payload: Any) -> dict[str, Any]:
        """Hear of this school's or store's orders. Raises Forbidden (403) for another's or an unknown one."""
        asked = SubscribeSellerIn.model_validate(payload)
        try:
            ensure_may(self.fresh_person(), HEARS, store_service.any_seller(asked.store_id))
        except (NotFound, Forbidden):
            details = {"store_id": asked.store_id}
            raise Forbidden("Your account has no right to do this.", details=details) from None
        join_room(asked.store_id)
        return {"store_id": asked.store_id}

    def on_unsubscribe(self, payload: Any) -> dict[str, Any]:
        """Hear no more of it."""
        asked = SubscribeSellerIn.model_validate(payload)
        leave_room(asked.store_id)
        return {"store_id": asked.store_id}
