"""Twilio's Messages API over HTTP: https://www.twilio.com/docs/messaging/api/message-resource."""

from http import HTTPStatus
from typing import Any

import httpx

from app.env import Settings
from app.plugins.sms.provider import SmsFault, SmsRefused, SmsUnreachable

_LATER = {
    HTTPStatus.UNAUTHORIZED,  # of the account, not of this text: somebody will put the settings right
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS,
}
_SERVICE_PREFIX = "MG"


class TwilioProvider:
    """Sends from a number of ours, or by a messaging service when the sender's name begins with MG.

    The API knows no idempotency key: a text whose answer was lost is sent again, because a code twice is better than
    none. Twilio's error texts name the number, so only their codes are kept.
    """

    def __init__(self, settings: Settings) -> None:
        account = settings.twilio_account_sid
        self.timeout_seconds = settings.sms_timeout_seconds
        self._path = f"/2010-04-01/Accounts/{account}/Messages.json"
        self._sender = settings.twilio_sender
        self._client = httpx.Client(
            base_url=settings.twilio_url,
            auth=(account, settings.twilio_auth_token),
            timeout=self.timeout_seconds,
            follow_redirects=False,
            trust_env=False,
        )

    def send(self, number: str, text: str, *, key: str) -> str:
        sender_field = "MessagingServiceSid" if self._sender.startswith(_SERVICE_PREFIX) else "From"
        form = {"To": number, sender_field: self._sender, "Body": text}
        try:
            answer = self._client.post(self._path, data=form)
        except httpx.HTTPError as fault:
            raise SmsUnreachable(type(fault).__name__) from None
        said = _json_of(answer)
        if answer.status_code == HTTPStatus.CREATED and said.get("sid"):
            return str(said["sid"])
        raise _fault_of(answer.status_code, said.get("code"))


def _json_of(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _fault_of(status: int, code: object) -> SmsFault:
    reason = f"HTTP {status}, code {code if isinstance(code, int) else 'unknown'}"
    is_refusal = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _LATER
    return SmsRefused(reason) if is_refusal else SmsFault(reason)
