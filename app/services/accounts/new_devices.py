"""Logins that somebody may not have made themselves: from where they have never logged in, or tried again and again.

A browser is known by the cookie that names who has logged in with it. An app has none: it is known by an earlier login
of the same name from the same address. Both only decide whether a mail is sent, and open nothing.
"""

import re
from contextlib import suppress
from datetime import datetime, timedelta

from app.models.accounts import User
from app.services.accounts import attempts, letters
from app.services.accounts.attempts import AskedTooOften, Limit
from app.services.accounts.sessions import BROWSER, SessionStart, all_sessions

LOGINS_TOLD = Limit(5, timedelta(days=1))
FAILURES_TOLD = Limit(1, timedelta(days=1))
_BROWSERS = ("Edg", "OPR", "SamsungBrowser", "Firefox", "Chrome", "Safari")
_CALLED = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet"}
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
_SHOWN = re.compile(r"[^\w '’()-]+")
_LONGEST_NAME = 40


def is_new(user: User, start: SessionStart) -> bool:
    """Whether this login, which has not begun yet, comes from where the person has not logged in before.

    The first login of all is nothing new to its person.
    """
    if start.familiar_to == user.id:
        return False
    if start.kind == BROWSER and user.last_login_at is not None:
        return True
    earlier = all_sessions(user.id)
    if start.kind != BROWSER and any((e.device_name, e.address) == (start.shown_name, start.address) for e in earlier):
        return False
    return bool(earlier) or user.last_login_at is not None


def tell_login(user: User, start: SessionStart, *, now: datetime) -> None:
    """The person hears of the login, LOGINS_TOLD at most."""
    with suppress(AskedTooOften):
        attempts.count_request("login-told", user.id, LOGINS_TOLD, now=now)
        letters.new_device(user, shown_device(start.device_name), now=now)


def tell_failures(user: User | None, identifier: str, *, now: datetime) -> None:
    """The person hears that somebody has tried this name until it was closed, FAILURES_TOLD at most; for a name that
    nobody has the same work is done and nothing is sent."""
    with suppress(AskedTooOften):
        attempts.count_request("failures-told", identifier, FAILURES_TOLD, now=now)
        letters.logins_failing(user, now=now)


def tell_second_step_failures(user: User, *, now: datetime) -> None:
    """The person hears that somebody has come as far as the second step, and failed there, FAILURES_TOLD at most."""
    with suppress(AskedTooOften):
        attempts.count_request("second-step-told", user.id, FAILURES_TOLD, now=now)
        letters.logins_failing(user, has_first_factor=True, now=now)


def shown_device(name: str) -> str:
    """What a mail calls a device: browser and system of what browsers send, else its name without anything that a
    mail program would take for a link; whoever logs in chooses it."""
    browser = next((word for word in _BROWSERS if f"{word}/" in name), "")
    system = next((word for word in _SYSTEMS if word in name), "")
    if browser:
        return " on ".join(filter(None, (_CALLED.get(browser, browser), system)))
    return " ".join(_SHOWN.sub(" ", name).split())[:_LONGEST_NAME] or "an unknown device"
