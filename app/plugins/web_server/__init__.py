"""gunicorn as a child process: started with settings in its environment, watched, stopped in order."""

from app.plugins.web_server.server import WebServer, WebServerError

__all__ = ["WebServer", "WebServerError"]
