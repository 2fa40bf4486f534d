"""What a provider of SMS is, and the two ways in which one can fail. Neither ever names a number or a text."""

from typing import Protocol


class SmsFault(Exception):
    """The text was not taken, or nobody knows; it may be tried again."""


class SmsRefused(SmsFault):
    """The provider will never take this text for this number."""


class SmsUnreachable(SmsFault):
    """The provider did not answer in time, or not at all."""


class SmsProvider(Protocol):
    """Brings one text to one number. timeout_seconds: longest wait for one step of the network."""

    timeout_seconds: float

    def send(self, number: str, text: str, *, key: str) -> str:
        """The text was taken; returns the provider's name for it. number: E.164. key: which message it is.

        Raises SmsFault, SmsRefused, SmsUnreachable.
        """
