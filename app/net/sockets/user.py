"""`/user`: what concerns one person: their orders, payments and messages."""

from collections.abc import Iterable
from typing import Any

from app.net.schemas.sockets import AckIn
from app.net.sockets.namespace import SignedInNamespace
from app.services.accounts import Identity


class UserNamespace(SignedInNamespace):
    events = frozenset({"ack"})

    def rooms_of(self, identity: Identity) -> Iterable[str]:
        return (identity.id,)

    def on_ack(self, payload: Any) -> dict[str, Any]:
        """The client has shown the announcement; answering it closes the round."""
        return {"id": AckIn.model_validate(payload).id}
