"""Mail by Flask-Mail.

`mail.send(Message(...))` sends now and raises when it cannot. `queue(key, ...)` leaves the mail to the job
"send-mails", which calls `drain(now)`. Where MAIL_SERVER is not set, mails are written as .eml files to the folder
`mail` of the data folder, through the same queue.
"""

from datetime import datetime

from flask import Flask
from flask_mail import Message

from app.plugins.mail import outbox
from app.plugins.mail.forgetting import KeptMail, forget, is_waiting, mails_to
from app.plugins.mail.outbox import opened, queue
from app.plugins.mail.tables import MailDelivery, OutgoingMail
from app.plugins.mail.transport import OwnMail
from app.plugins.sending_queue import Drained

__all__ = [
    "Drained",
    "KeptMail",
    "MailDelivery",
    "Message",
    "OutgoingMail",
    "drain",
    "forget",
    "init_app",
    "is_waiting",
    "mail",
    "mails_to",
    "opened",
    "queue",
]

mail = OwnMail()
_app: list[Flask] = []


def init_app(app: Flask) -> None:
    """Take the mail server, sender and time-outs from the settings; it is connected per message."""
    mail.init_app(app)
    _app[:] = [app]


def drain(now: datetime) -> Drained:
    """Try every queued mail that is due. Raises StoreUnavailable, RuntimeError before `init_app`."""
    if not _app:
        raise RuntimeError("mail.init_app(app) has not been called")
    with _app[0].app_context():
        return outbox.drain(mail, now)
