"""Texts to phones. `queue(key, ...)` leaves one to the job "send-sms", which calls `drain(now)`.

SMS_PROVIDER names who sends: `twilio`, or nobody, and then texts are written as files to the folder `sms` of the data
folder, through the same queue. Neither numbers nor texts are ever logged.
"""

from datetime import datetime

import structlog
from flask import Flask

from app.env import Settings
from app.plugins.sending_queue import Drained
from app.plugins.sms import outbox
from app.plugins.sms.files import FileProvider
from app.plugins.sms.forgetting import forget, waiting_for
from app.plugins.sms.outbox import opened, queue
from app.plugins.sms.provider import SmsFault, SmsProvider, SmsRefused, SmsUnreachable
from app.plugins.sms.tables import OutgoingSms, SmsDelivery
from app.plugins.sms.twilio import TwilioProvider

__all__ = [
    "Drained",
    "OutgoingSms",
    "SmsDelivery",
    "SmsFault",
    "SmsProvider",
    "SmsRefused",
    "SmsUnreachable",
    "drain",
    "forget",
    "init_app",
    "opened",
    "provider_of",
    "queue",
    "waiting_for",
]

log = structlog.get_logger(__name__)
_provider: list[SmsProvider] = []


def init_app(app: Flask) -> None:
    """Take the provider from the settings; it is connected when the first text is sent."""
    settings: Settings = app.config["SETTINGS"]
    if not settings.sms_provider:
        log.info("SMS_PROVIDER is not set: texts are written to files", folder=str(settings.data_folder / "sms"))
    _provider[:] = [provider_of(settings)]


def provider_of(settings: Settings) -> SmsProvider:
    """The provider that the settings name."""
    if settings.sms_provider == "twilio":
        return TwilioProvider(settings)
    return FileProvider(settings.data_folder / "sms")


def drain(now: datetime) -> Drained:
    """Try every queued text that is due. Raises StoreUnavailable, RuntimeError before `init_app`."""
    if not _provider:
        raise RuntimeError("sms.init_app(app) has not been called")
    return outbox.drain(_provider[0], now)
