"""Socket handlers, one file a domain; `register` hangs them on the server."""

from flask_socketio import SocketIO

from app.net.sockets.admin import AdminNamespace
from app.net.sockets.namespace import SignedInNamespace
from app.net.sockets.seller import SellerNamespace
from app.net.sockets.user import UserNamespace
from app.net.sockets.watch import watch_sessions

__all__ = ["SignedInNamespace", "register"]


def register(socketio: SocketIO) -> None:
    """Every namespace of the product answers after this; a login that ends takes its sockets with it."""
    namespaces = (UserNamespace("/user"), SellerNamespace("/seller"), AdminNamespace("/admin"))
    for namespace in namespaces:
        socketio.on_namespace(namespace)
    watch_sessions(socketio, namespaces)
