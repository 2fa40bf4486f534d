"""Accounts in a real browser: every way in, what they are made of, a copy of them, and their end."""

import json
import re
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

from playwright.sync_api import Browser, Page, expect

from app.models.accounts import User, UserSession
from app.services.accounts import names
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.browser.accounts import (
    NEW_PASSWORD,
    PASSWORD,
    REFUSALS,
    Person,
    confirm,
    expect_account,
    fill_login,
    log_out,
    set_up_app,
    sign_up,
)
from tests.browser.conftest import PATIENCE_MS, watched
from tests.browser.postbox import Postbox
from tests.oidc_provider import Provider

EXPECTED = REFUSALS
ONE_STEP = timedelta(seconds=30)
"""A code is good once, so the next login takes the next one."""


# ways in


def test_an_authenticator_app_is_set_up_and_asked_for_at_the_next_login(page: Page, person: Person) -> None:
    page.goto("/account/security")
    expect(page.get_by_text(f"Confirm {person.email} with the link we sent")).to_be_visible()
    confirm(person)
    app, codes = set_up_app(page)
    expect(page.get_by_text("with the link we sent")).to_have_count(0)
    log_out(page)

    fill_login(page, person.email, PASSWORD)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("This code is wrong")).to_be_visible()
    page.get_by_label("Code").fill(app.at(utc_now() + ONE_STEP))
    page.get_by_role("button", name="Confirm").click()
    expect_account(page)

    log_out(page)
    fill_login(page, person.email, PASSWORD)
    page.get_by_role("button", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(codes[3].lower())
    page.get_by_role("button", name="Confirm").click()
    expect_account(page)
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
    expect_account(page)


def test_a_passkey_is_added_renamed_used_to_log_in_and_removed(browser: Browser, shop: str) -> None:
    # browsers make no passkeys for an IP address
    context = browser.new_context(base_url=shop.replace("127.0.0.1", "localhost"), locale="en-US")
    context.set_default_timeout(PATIENCE_MS)
    confirm(sign_up(context))
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
    expect_account(page)
    app, _ = set_up_app(page)
    log_out(page)
    page.goto("/user/login/?next=/account")
    page.get_by_role("link", name="Go on with Local").click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.wait_for_function("!location.hash")
    page.get_by_label("Code").fill(app.at(utc_now() + ONE_STEP))
    page.get_by_role("button", name="Confirm").click()
    expect_account(page)


def test_a_login_elsewhere_that_is_refused_says_so_on_the_page_it_began_on(
    page: Page, person: Person, provider: Provider
) -> None:
    taken = {"sub": new_id(), "email": person.email, "email_verified": True}
    provider.person = taken
    page.goto("/")
    log_out(page)
    page.goto("/user/login/?next=/account")
    page.get_by_role("link", name="Go on with Local").click()
    expect(page.get_by_text("There is an account with this email")).to_be_visible()
    page.wait_for_function("!location.hash")

    provider.person = {**taken, "sub": new_id(), "email": f"{new_id()}@example.com".lower()}
    page.goto("/user/login/?next=/account")
    page.get_by_role("link", name="Go on with Local").click()
    expect_account(page)
    log_out(page)
    fill_login(page, person.email, PASSWORD)
    page.get_by_role("link", name="Security").click()
    page.get_by_role("button", name="Link Local").click()
    expect(page.get_by_text("This login belongs to another account")).to_be_visible()


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
    confirm(person)
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
