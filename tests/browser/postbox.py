"""A mail server on a real socket that keeps what it takes."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from typing import Any

from aiosmtpd.controller import Controller

PATIENCE_SECONDS = 30


class Postbox:
    """Every mail that came, by the address it came to."""

    def __init__(self, port: int) -> None:
        self._came = threading.Condition()
        self._mails: list[tuple[str, EmailMessage]] = []
        self.port = port

    @classmethod
    @contextmanager
    def at(cls, port: int) -> Iterator["Postbox"]:
        """Open at this port of the loopback address."""
        postbox = cls(port)
        controller = Controller(postbox, hostname="127.0.0.1", port=port)
        controller.start()
        try:
            yield postbox
        finally:
            controller.stop()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=modern)
        assert isinstance(mail, EmailMessage)
        with self._came:
            self._mails += [(address, mail) for address in envelope.rcpt_tos]
            self._came.notify_all()
        return "250 Taken"

    def text_to(self, address: str, pattern: str) -> str:
        """The part of the newest mail to this address that the pattern's group names, as soon as there is one."""

        def find() -> str | None:
            for recipient, mail in reversed(self._mails):
                if recipient == address and (found := re.search(pattern, _text_of(mail))):
                    return found.group(1)
            return None

        with self._came:
            assert self._came.wait_for(lambda: find() is not None, PATIENCE_SECONDS), f"no such mail came: {pattern}"
            return str(find())


def _text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return body.get_content()
