"""What people do with their accounts in a browser, in the tests of it."""

import re
from dataclasses import dataclass

import pyotp
from playwright.sync_api import BrowserContext, Page, expect

from app.models.accounts import User
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.browser.postbox import Postbox

PASSWORD, NEW_PASSWORD = "violet-harbour-29", "amber-lantern-84"
REFUSALS = tuple(f"status of {status}" for status in (401, 403, 404, 422))
"""What a browser writes to its console when the API refuses something, as it does in these tests on purpose."""


@dataclass(frozen=True)
class Person:
    email: str
    id: str


def sign_up(context: BrowserContext) -> Person:
    email = f"{new_id()}@example.com".lower()
    body = {"email": email, "password": PASSWORD, "first_name": "Ada", "last_name": "Byron"}
    answer = context.request.post("/api/auth/register", data=body)
    assert answer.status == 201, answer.text()
    return Person(email, answer.json()["data"]["user"]["id"])


def confirm(person: Person) -> None:
    """The person has shown that the address is theirs, which comes before any second factor."""
    User.find(person.id).update(email_confirmed_at=utc_now())


def link_to(postbox: Postbox, person_email: str, path: str) -> str:
    """The path of the mailed link, with its token."""
    return postbox.text_to(person_email, rf"({re.escape(path)}#token=[\w-]+)")


def fill_login(page: Page, email: str, password: str) -> None:
    page.goto("/user/login/?next=/account")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=False).first.fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Account", exact=True).click()
    page.get_by_role("menuitem", name="Log out").click()
    page.wait_for_url("/")
    page.get_by_role("button", name="Account", exact=True).click()
    expect(page.get_by_role("menuitem", name="Log in")).to_be_visible()
    page.keyboard.press("Escape")


def set_up_app(page: Page) -> tuple[pyotp.TOTP, list[str]]:
    """The person's authenticator app, and the recovery codes that were shown."""
    page.goto("/account/security")
    page.get_by_role("button", name="Set up an authenticator app").click()
    app = pyotp.TOTP(page.locator("[data-secret]").get_attribute("data-secret") or "")
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    page.get_by_label("Code").fill(app.at(utc_now()))
    page.get_by_role("button", name="Turn on").click()
    shown = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(shown).to_have_count(10)
    codes = shown.all_inner_texts()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("10 codes are left")).to_be_visible()
    return app, codes


def expect_account(page: Page) -> None:
    """The person is logged in, and sees their profile."""
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(page.get_by_role("heading", name="About you")).to_be_visible()
