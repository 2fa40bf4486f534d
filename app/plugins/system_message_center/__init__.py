"""System messages: one text for people, brought to them by the channels that fit.

A channel is a function `(message) -> None` registered under a name; `deliver(message, "mail", "socket")` tries each.
A channel that fails is logged and never undoes what the message tells of.
"""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from flask import Flask

from app.plugins.system_message_center import rendering
from app.plugins.system_message_center.channels import mail_channel, sms_channel, socket_channel
from app.plugins.system_message_center.message import Recipient, SystemMessage, Unreachable
from app.plugins.system_message_center.rendering import render

__all__ = ["Recipient", "SystemMessage", "Unreachable", "channels", "deliver", "init_app", "register", "render"]

log = structlog.get_logger(__name__)
Channel = Callable[[SystemMessage], None]
_channels: dict[str, Channel] = {}


def init_app(app: Flask) -> None:
    """Messages are delivered from now on, with the settings' site address in them."""
    rendering.init_app(app)


def register(name: str, channel: Channel) -> None:
    """Offer a channel under this name; a second one of the same name replaces the first."""
    _channels[name] = channel


def channels() -> tuple[str, ...]:
    """The names that `deliver` knows."""
    return tuple(_channels)


def deliver(message: SystemMessage, *names: str) -> Mapping[str, bool]:
    """Bring the message by each named channel; which of them took it. Never raises.

    Processes without `init_app`, such as `db.py --seed`, tell nobody anything.
    """
    if not rendering.is_ready():
        return dict.fromkeys(names, False)
    results: dict[str, Any] = {}
    for name in names:
        try:
            _channels[name](message)
            results[name] = True
        except Unreachable:
            results[name] = False
        except Exception:
            log.exception("system message not delivered", channel=name, event_name=message.event, key=message.key)
            results[name] = False
    return results


register("mail", mail_channel)
register("sms", sms_channel)
register("socket", socket_channel)
