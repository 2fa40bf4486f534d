"""Messages wait in a table beside the write they tell of, and a job sends them: a server that is down costs time only.

Mail and SMS have a queue each. A queue has two tables of its channel: what waits, and what became of each message.
"""

from app.plugins.sending_queue.queue import SHARDS, Drained, Sender, SendingQueue

__all__ = ["SHARDS", "Drained", "Sender", "SendingQueue"]
