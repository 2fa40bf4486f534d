"""One Flask application: `create_app(settings)` puts the floors together."""

from app.env import Settings
from app.net.application import Application
from app.net.assembly import assemble


def create_app(settings: Settings) -> Application:
    """The application of these settings, ready for a server or a test client.

    Nothing here asks the network: both engines are connected at first use, so always after a worker's fork.
    """
    return assemble(settings)
