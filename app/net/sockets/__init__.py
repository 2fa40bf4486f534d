"""Socket handlers, one file a domain; `register` hangs them on the server."""

from flask_socketio import SocketIO

from app.net.sockets import user


def register(socketio: SocketIO) -> None:
    """Every namespace of the product answers after this."""
    user.register(socketio)
