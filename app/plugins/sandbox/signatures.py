"""Signed webhooks: an HMAC over the time and the raw body, so that neither can be altered or replayed later.

The scheme is the one Stripe documents for its `Stripe-Signature` header: `t=<seconds>,v1=<hex of
HMAC-SHA256(secret, "<seconds>.<raw body>")>`.
"""

import hashlib
import hmac
from datetime import datetime

from app.utils.charges import BadSignature

HEADER = "Sandbox-Signature"
TOLERANCE_SECONDS = 300


def sign(secret: str, body: bytes, at: datetime) -> str:
    """The header's value for this raw body sent at `at`."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_digest(secret, seconds, body)}"


def verify(secret: str, body: bytes, header: str | None, now: datetime) -> None:
    """Returns when the header signs exactly this body within 300 s of `now`. Raises BadSignature (400)."""
    seconds, digests = _parsed(header or "")
    expected = _digest(secret, seconds, body)
    if not any(hmac.compare_digest(expected, digest) for digest in digests):
        raise BadSignature("The signature does not fit the body.")
    if abs(now.timestamp() - seconds) > TOLERANCE_SECONDS:
        raise BadSignature("The signature is too old.")


def _digest(secret: str, seconds: int, body: bytes) -> str:
    return hmac.new(secret.encode(), b"%d." % seconds + body, hashlib.sha256).hexdigest()


def _parsed(header: str) -> tuple[int, list[str]]:
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    digests = [value for name, _, value in parts if name == "v1" and value.isascii()]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit()) or len(times[0]) > 12 or not digests:
        raise BadSignature("The signature cannot be read.")
    return int(times[0]), digests
