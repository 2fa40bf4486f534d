"""`/seller`: new orders and progress of an own school or store."""

from typing import Any

from flask_socketio import join_room, leave_room

from app.net.schemas.sockets import SubscribeSellerIn
from app.net.sockets.namespace import SignedInNamespace
from app.services import stores as store_service
from app.services.accounts import Forbidden
from app.utils.actors import Actor
from app.utils.errors import NotFound


class SellerNamespace(SignedInNamespace):
    events = frozenset({"subscribe", "unsubscribe"})

    def on_subscribe(self, payload: Any) -> dict[str, Any]:
        """Hear of this school's or store's orders. Raises Forbidden (403) for another's or an unknown one."""
        asked = SubscribeSellerIn.model_validate(payload)
        actor = Actor(self.person.id, is_staff=self.person.may("orders.order.manage"))
        for kind in store_service.SELLER_KINDS:
            try:
                store_service.managed_seller(kind, asked.store_id, actor)
            except NotFound:
                continue
            join_room(asked.store_id)
            return {"store_id": asked.store_id}
        raise Forbidden("Your account has no right to do this.", details={"store_id": asked.store_id})

    def on_unsubscribe(self, payload: Any) -> dict[str, Any]:
        """Hear no more of it."""
        asked = SubscribeSellerIn.model_validate(payload)
        leave_room(asked.store_id)
        return {"store_id": asked.store_id}
