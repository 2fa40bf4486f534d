"""The main job in a real browser: found with a typo, bought, paid, and seen paid without a reload."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.utils.ids import new_id
from tests.purchases import make_goods

PASSWORD = "violet-harbour-29"


@pytest.fixture(scope="module")
def teapot(stores: object) -> str:
    """The title of something that is on sale."""
    title = "Celadon stoneware teapot"
    make_goods(title=title, price="48.50", left=3)
    return title


def sign_up(page: Page) -> None:
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("Last name").fill("Byron")
    page.get_by_label("E-mail").fill(f"{new_id().lower()}@example.com")
    page.get_by_label("Password", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Make an account").click()


def test_a_visitor_finds_buys_and_pays_and_sees_it_live(
    page: Page, teapot: str, refresh_index: Callable[[], None]
) -> None:
    refresh_index()
    page.goto("/")
    search = page.get_by_role("combobox", name="Search")
    search.fill("stonware teepot")
    search.press("Enter")
    page.get_by_role("main").get_by_role("link", name=teapot).first.click()

    expect(page.get_by_role("heading", name=teapot)).to_be_visible()
    expect(page.get_by_text("Only 3 left")).to_be_visible()
    page.get_by_role("button", name="One more").click()
    page.get_by_role("button", name="Add to cart").click()
    page.get_by_role("link", name="View cart").click()

    expect(page.get_by_role("link", name="Cart, 2 items")).to_be_visible()
    expect(page.get_by_text("$97.00").first).to_be_visible()
    page.get_by_role("link", name="Go to checkout").click()
    page.get_by_role("main").get_by_role("link", name="Sign up").click()
    sign_up(page)

    expect(page.get_by_role("heading", name="Checkout")).to_be_visible()
    page.get_by_label("Name on the receipt").fill("Ada Byron")
    page.get_by_role("button", name="Place order").click()

    page.wait_for_url("**/sandbox/pay/*")
    order_page = page.context.new_page()
    order_page.goto("/orders")
    order_page.get_by_role("link", name=teapot).click()
    status = order_page.get_by_role("main").locator("[data-status]")
    expect(status).to_have_attribute("data-status", "pending")
    expect(order_page.get_by_text("Live", exact=True)).to_be_visible()
    order_page.evaluate("window.wasNotReloaded = true")

    page.get_by_role("button", name="Pay 97.00 USD").click()
    page.wait_for_url("**/order?id=*")
    expect(page.get_by_text("Thank you, your order is paid")).to_be_visible()
    expect(status).to_have_attribute("data-status", "paid")
    expect(order_page.get_by_text("Thank you, your order is paid")).to_be_visible()
    assert order_page.evaluate("window.wasNotReloaded")

    page.goto("/cart")
    expect(page.get_by_text("Your cart is empty")).to_be_visible()


def test_the_site_speaks_turkish_and_remembers_it(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Language and appearance").click()
    page.get_by_role("menuitem", name="Türkçe").click()
    expect(page.get_by_role("link", name="Kurslara göz at")).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="Kurslara göz at")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "tr"


def test_a_page_fits_a_telephone(page: Page, teapot: str, refresh_index: Callable[[], None]) -> None:
    refresh_index()
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/", "/products", "/cart", "/user/signup/"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
