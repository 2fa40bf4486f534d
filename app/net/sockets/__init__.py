"""Socket handlers, one file a domain; `register` hangs them on the server."""

from flask_socketio import SocketIO


def register(socketio: SocketIO) -> None:
    """Every namespace of the product answers after this."""
