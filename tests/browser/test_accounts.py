"""Accounts in a real browser: mailed links, second factors, passkeys, logins, and a copy of one's data."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.env import Settings
from app.models.accounts import User, UserSession
from app.services.accounts import activation, names
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.browser.conftest import PATIENCE_MS, watched
from tests.browser.postbox import Postbox
from tests.oidc_provider import Provider

PASSWORD, NEW_PASSWORD = "violet-harbour-29", "amber-lantern-84"
TWO_STEPS = timedelta(seconds=30)
REFUSALS = tuple(f"status of {status}" for status in (401, 403, 404, 422))
"""What a browser writes to its console when the API refuses something, as it does here on purpose."""


@dataclass(frozen=True)
class Person:
    email: str
    id: str


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    with watched(context, *REFUSALS) as opened:
        yield opened


@pytest.fixture
def person(context: BrowserContext) -> Person:
    """Somebody who has just signed up in this browser."""
    return sign_up(context)


def sign_up(context: BrowserContext) -> Person:
    email = f"{new_id()}@example.com".lower()
    body = {"email": email, "password": PASSWORD, "first_name": "Ada", "last_name": "Byron"}
    answer = context.request.post("/api/auth/register", data=body)
    assert answer.status == 201, answer.text()
    return Person(email, answer.json()["data"]["user"]["id"])


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


def is_logged_in(page: Page) -> None:
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(page.get_by_role("heading", name="About you")).to_be_visible()


# what mails link to


def test_a_mailed_link_confirms_the_address_once_somebody_presses_the_button(
    page: Page, person: Person, postbox: Postbox
) -> None:
    page.goto(link_to(postbox, person.email, "/user/confirm-email"))
    expect(page.get_by_role("heading", name="Confirm your address")).to_be_visible()
    page.wait_for_function("!location.hash && !location.href.includes('token')")
    assert User.find(person.id).email_confirmed_at is None
    page.get_by_role("button", name="Yes, this is my address").click()
    expect(page.get_by_role("heading", name="Your address is confirmed")).to_be_visible()
    assert User.find(person.id).email_confirmed_at is not None
    page.get_by_role("link", name="My account").click()
    expect(page.get_by_text("Confirmed", exact=True)).to_be_visible()


def test_a_link_that_is_no_good_shows_the_way_to_another_one(page: Page, person: Person, postbox: Postbox) -> None:
    page.goto("/user/confirm-email#token=made-up")
    page.get_by_role("button", name="Yes, this is my address").click()
    expect(page.get_by_role("heading", name="This link is not good any more")).to_be_visible()
    page.get_by_role("button", name="Get a new link").click()
    expect(page.get_by_text(f"A new link is on its way to {person.email}")).to_be_visible()
    page.goto("about:blank")
    page.goto(link_to(postbox, person.email, "/user/confirm-email"))
    page.get_by_role("button", name="Yes, this is my address").click()
    expect(page.get_by_role("heading", name="Your address is confirmed")).to_be_visible()


def test_a_forgotten_password_is_replaced_and_its_link_is_good_once(
    page: Page, person: Person, postbox: Postbox
) -> None:
    page.goto("/")
    log_out(page)
    page.goto("/user/login/")
    page.get_by_role("link", name="Forgotten your password?").click()
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()

    link = link_to(postbox, person.email, "/user/reset-password")
    page.goto(link)
    page.get_by_label("New password").fill("password")
    page.get_by_role("button", name="Set the new password").click()
    expect(page.locator("[aria-invalid=true]")).to_be_visible()
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set the new password").click()
    expect(page.get_by_role("heading", name="Your password is set")).to_be_visible()

    fill_login(page, person.email, PASSWORD)
    expect(page.get_by_text("Wrong name or password")).to_be_visible()
    fill_login(page, person.email, NEW_PASSWORD)
    is_logged_in(page)

    page.goto(link)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set the new password").click()
    expect(page.get_by_role("heading", name="This link is not good any more")).to_be_visible()
    page.get_by_role("link", name="Get a new link").click()
    expect(page.get_by_role("heading", name="Forgotten your password?")).to_be_visible()


def test_an_account_made_for_somebody_becomes_theirs(
    page: Page, postbox: Postbox, app: object, stores: Settings
) -> None:
    email = f"{new_id()}@example.com".lower()
    activation.create_unactivated(email, "Fay", "Ray", now=utc_now(), settings=stores)
    page.goto(link_to(postbox, email, "/user/activate"))
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Activate the account").click()
    page.get_by_role("main").get_by_role("link", name="Log in").click()
    fill_login(page, email, PASSWORD)
    is_logged_in(page)


def test_a_new_address_is_confirmed_and_undone_by_mailed_links(page: Page, person: Person, postbox: Postbox) -> None:
    new_email = f"{new_id()}@example.com".lower()
    page.goto("/account")
    page.get_by_role("button", name="Change the address").click()
    page.get_by_label("New e-mail address").fill(new_email)
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_text(f"A link is on its way to {new_email}")).to_be_visible()

    page.goto(link_to(postbox, new_email, "/account/email"))
    page.get_by_role("button", name="Yes, use this address").click()
    expect(page.get_by_role("heading", name="Your new address is set")).to_be_visible()
    assert User.find(person.id).email == new_email

    page.goto(link_to(postbox, person.email, "/account/undo"))
    page.get_by_role("button", name="It was not me: undo it").click()
    expect(page.get_by_role("heading", name="Everything is as before")).to_be_visible()
    assert User.find(person.id).email == person.email
    page.goto("/account")
    expect(page.get_by_role("heading", name="Log in to see your account")).to_be_visible()


def test_a_role_invitation_survives_the_login_and_says_when_it_is_no_good(page: Page, person: Person) -> None:
    page.goto("/")
    log_out(page)
    page.goto("/role-invitation#token=made-up")
    expect(page.get_by_role("heading", name="You are offered a role")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Log in").click()
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("button", name="Accept the role").click()
    expect(page.get_by_role("heading", name="This link is not good any more")).to_be_visible()


# ways in


def test_an_authenticator_app_is_set_up_and_asked_for_at_the_next_login(page: Page, person: Person) -> None:
    app, codes = set_up_app(page)
    log_out(page)

    fill_login(page, person.email, PASSWORD)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("This code is wrong")).to_be_visible()
    page.get_by_label("Code").fill(app.at(utc_now() + TWO_STEPS))
    page.get_by_role("button", name="Confirm").click()
    is_logged_in(page)

    log_out(page)
    fill_login(page, person.email, PASSWORD)
    page.get_by_role("button", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(codes[3].lower())
    page.get_by_role("button", name="Confirm").click()
    is_logged_in(page)
    page.get_by_role("link", name="Security").click()
    expect(page.get_by_text("9 codes are left")).to_be_visible()


def test_a_mailed_code_logs_in(page: Page, person: Person, postbox: Postbox) -> None:
    page.goto("/")
    log_out(page)
    page.goto("/user/login/?next=/account")
    page.get_by_role("button", name="Get a code by mail or text").click()
    page.get_by_label("E-mail or mobile number").fill(person.email)
    page.get_by_role("button", name="Send a code").click()
    page.get_by_label("Code").fill(postbox.text_to(person.email, r"Your code to log in: (\d{6})"))
    page.get_by_role("button", name="Log in", exact=True).click()
    is_logged_in(page)


def test_a_passkey_is_added_renamed_used_to_log_in_and_removed(browser: Browser, shop: str) -> None:
    # browsers make no passkeys for an IP address
    context = browser.new_context(base_url=shop.replace("127.0.0.1", "localhost"), locale="en-US")
    context.set_default_timeout(PATIENCE_MS)
    sign_up(context)
    with watched(context, *REFUSALS) as page:
        device = context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        page.goto("/account/security")
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_role("dialog").get_by_label("Name").fill("My laptop")
        page.get_by_role("button", name="Go on").click()
        passkeys = page.get_by_role("list", name="Passkeys")
        expect(passkeys.get_by_text("My laptop")).to_be_visible()
        page.get_by_role("button", name="Rename: My laptop").click()
        page.get_by_role("dialog").get_by_label("Name").fill("Old laptop")
        page.get_by_role("button", name="Save").click()
        expect(passkeys.get_by_text("Old laptop")).to_be_visible()

        log_out(page)
        page.goto("/user/login/?next=/account/security")
        page.get_by_role("button", name="Use a passkey").click()
        expect(passkeys.get_by_text("last used")).to_be_visible()
        page.get_by_role("button", name="Remove: Old laptop").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(passkeys).to_have_count(0)
    context.close()


def test_another_place_logs_in_and_asks_for_the_second_step_too(page: Page, provider: Provider) -> None:
    provider.person = {"sub": new_id(), "email": f"{new_id()}@example.com".lower(), "email_verified": True}
    page.goto("/user/login/?next=/account")
    page.get_by_role("link", name="Go on with Local").click()
    is_logged_in(page)
    app, _ = set_up_app(page)
    log_out(page)
    page.goto("/user/login/?next=/account")
    page.get_by_role("link", name="Go on with Local").click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.wait_for_function("!location.hash")
    page.get_by_label("Code").fill(app.at(utc_now() + TWO_STEPS))
    page.get_by_role("button", name="Confirm").click()
    is_logged_in(page)


# the account


def test_another_login_is_ended_from_the_list(page: Page, person: Person, browser: Browser, shop: str) -> None:
    elsewhere = browser.new_context(base_url=shop, user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0")
    body = {"email": person.email, "password": PASSWORD}
    assert elsewhere.request.post("/api/auth/login", data=body).status == 200
    page.goto("/account/sessions")
    logins = page.get_by_role("list", name="Logins").get_by_role("listitem")
    expect(logins).to_have_count(2)
    page.get_by_role("button", name="End: Firefox, Linux").click()
    expect(logins).to_have_count(1)
    assert elsewhere.request.get("/api/auth/me").status == 401
    elsewhere.close()


def test_a_delicate_act_asks_for_a_proof_and_is_then_done(page: Page, person: Person) -> None:
    page.goto("/account/security")
    (login,) = UserSession.objects(user_id=person.id)
    UserSession.change(login.key, lambda row: {"proved_at": utc_now() - timedelta(hours=1)})
    page.get_by_role("button", name="Set up an authenticator app").click()
    dialog = page.get_by_role("dialog", name="Is it you?")
    dialog.get_by_label("Password", exact=False).first.fill("wrong")
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Password", exact=False).first.fill(PASSWORD)
    dialog.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()


def test_a_copy_of_one_s_data_is_made_and_downloaded(
    page: Page, person: Person, postbox: Postbox, tmp_path: Path
) -> None:
    page.goto("/account/privacy")
    page.get_by_role("button", name="Make a copy").click()
    button = page.get_by_role("button", name=re.compile(r"^Download \("))
    expect(button).to_be_visible(timeout=PATIENCE_MS)
    postbox.text_to(person.email, r"(/account/privacy)")
    page.reload()
    with page.expect_download() as begun:
        button.click()
    file = tmp_path / begun.value.suggested_filename
    begun.value.save_as(file)
    with ZipFile(file) as archive:
        texts = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".json")]
    assert file.name == "my-data.zip" and any(person.email in text for text in texts)
    assert all(json.loads(text) is not None for text in texts)


def test_profile_address_and_password_are_changed(page: Page, person: Person) -> None:
    page.goto("/account")
    page.get_by_label("First name").fill("Augusta")
    page.get_by_label("Time zone").click()
    page.get_by_role("option", name="Europe/Istanbul").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    page.get_by_label("Weekly summary").click()
    expect(page.get_by_label("Weekly summary")).not_to_be_checked()

    page.get_by_role("link", name="Addresses").click()
    page.get_by_role("button", name="Add an address").click()
    page.get_by_label("Street and number").fill("1 Main St")
    page.get_by_label("Postcode").fill("62701")
    page.get_by_label("City").fill("Springfield")
    page.get_by_label("State or region").fill("IL")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("62701 Springfield IL")).to_be_visible()
    expect(page.get_by_text("For parcels", exact=True)).to_be_visible()

    page.get_by_role("link", name="Security").click()
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    user = User.find(person.id)
    assert (user.first_name, user.time_zone, user.mail_weekly, user.city) == (
        "Augusta",
        "Europe/Istanbul",
        False,
        "Springfield",
    )


def test_an_account_is_closed_after_its_name_was_typed(page: Page, person: Person) -> None:
    page.goto("/account/privacy")
    page.get_by_role("button", name="Close my account").click()
    last = page.get_by_role("button", name="Close for good")
    expect(last).to_be_disabled()
    page.get_by_label(f"To confirm, type {person.email}").fill(person.email)
    last.click()
    expect(page.get_by_role("heading", name="Your account is closed")).to_be_visible()
    assert names.find_holder(person.email) is None or not User.find(person.id).is_active


def test_the_pages_of_an_account_fit_a_telephone(page: Page, person: Person) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    sections = ("", "/security", "/sessions", "/addresses", "/privacy")
    for path in (*(f"/account{section}" for section in sections), "/user/forgot-password", "/account/undo#token=a"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
