"""Flask-Mail over SMTP with time-outs, or into files where no mail server is set."""

import smtplib
import ssl
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from flask_mail import Connection, Mail, Message

from app.env import Settings

log = structlog.get_logger(__name__)


class SmtpConnection(Connection):
    """One SMTP conversation; each network step ends within the settings' time-out, TLS certificates are checked."""

    def configure_host(self) -> smtplib.SMTP:
        mail = self.mail
        seconds = mail.timeout_seconds
        if mail.use_ssl:
            host: smtplib.SMTP = smtplib.SMTP_SSL(
                mail.server, mail.port, timeout=seconds, context=ssl.create_default_context()
            )
        else:
            host = smtplib.SMTP(mail.server, mail.port, timeout=seconds)
        if mail.use_tls:
            host.starttls(context=ssl.create_default_context())
        if mail.username and mail.password:
            host.login(mail.username, mail.password)
        return host

    def __exit__(self, *fault: Any) -> None:
        """Say goodbye; a server that hangs up first has still taken the mails it confirmed."""
        if self.host is not None:
            try:
                self.host.quit()
            except (smtplib.SMTPException, OSError):
                self.host.close()


class FileConnection(Connection):
    """Writes each message as `<Message-ID>.eml` into a folder; the same message replaces its own file."""

    def __enter__(self) -> "FileConnection":
        return self

    def __exit__(self, *fault: Any) -> None:
        self.host = None

    def send(self, message: Message, envelope_from: Any = None) -> None:
        folder: Path = self.mail.folder
        folder.mkdir(parents=True, exist_ok=True)
        file = file_of(folder, message.msgId)
        part = folder / f".{file.stem}.part"
        part.write_bytes(message.as_bytes())
        part.rename(file)
        log.info("mail written to a file", file=str(file))


def file_of(folder: Path, message_id: str) -> Path:
    """The file of a mail that no server was there for."""
    name = "".join(sign for sign in message_id.strip("<>") if sign.isalnum() or sign in "-_.@")
    return folder / f"{name}.eml"


class OwnMail(Mail):
    """`mail.send(message)` of Flask-Mail; raises SMTPException or OSError when it was not taken."""

    def init_app(self, app: Flask) -> Any:
        settings: Settings = app.config["SETTINGS"]
        app.config.update(
            MAIL_SERVER=settings.mail_server,
            MAIL_PORT=settings.mail_port,
            MAIL_USERNAME=settings.mail_username,
            MAIL_PASSWORD=settings.mail_password,
            MAIL_USE_TLS=settings.mail_use_tls,
            MAIL_USE_SSL=settings.mail_use_ssl,
            MAIL_DEFAULT_SENDER=settings.mail_sender,
            MAIL_SUPPRESS_SEND=False,
            MAIL_DEBUG=0,
        )
        state: Any = super().init_app(app)
        state.timeout_seconds = settings.mail_timeout_seconds
        state.folder = settings.data_folder / "mail"
        self.state = state
        if not settings.mail_server:
            log.info("MAIL_SERVER is not set: mails are written to files", folder=str(state.folder))
        return state

    def connect(self) -> Connection:
        """A conversation with the mail server, or the folder that stands in its place."""
        state: Any = self.state
        return SmtpConnection(state) if state.server else FileConnection(state)
