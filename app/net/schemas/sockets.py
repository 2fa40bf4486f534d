"""What clients send over sockets."""

from app.net.schemas.common import Body, Id


class AckIn(Body):
    """An announcement that was shown."""

    id: Id


class SubscribeSellerIn(Body):
    """The school or store to hear of."""

    store_id: Id
