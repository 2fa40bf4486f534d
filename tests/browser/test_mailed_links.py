"""What mails link to, in a real browser: each page explains, acts by a button, and knows the way on."""

from playwright.sync_api import Page, expect

from app.env import Settings
from app.models.accounts import User
from app.services.accounts import activation
from app.utils.clock import utc_now
from app.utils.ids import new_id
from tests.browser.accounts import (
    NEW_PASSWORD,
    PASSWORD,
    REFUSALS,
    Person,
    expect_account,
    fill_login,
    link_to,
    log_out,
)
from tests.browser.postbox import Postbox

EXPECTED = REFUSALS


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
    expect(page.get_by_role("heading", name="Forgotten your password?")).to_be_visible()
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
    expect_account(page)

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
    expect_account(page)


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
