"""Messages wait in a table beside the write they tell of, and a job sends them: a server that is down costs time only.

Mail and SMS have a queue each. A queue has two tables of its channel: what waits, its words sealed, and what became of
each message.
"""

from flask import Flask

from app.plugins.sending_queue.queue import SHARDS, Drained, Sender, SendingQueue
from app.plugins.sending_queue.sealing import configure

__all__ = ["SHARDS", "Drained", "Sender", "SendingQueue", "configure", "init_app"]


def init_app(app: Flask) -> None:
    """Take the keys that seal what waits from the settings."""
    configure(app.config["SETTINGS"])
