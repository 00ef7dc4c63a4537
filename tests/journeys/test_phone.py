"""The first sale in one hand, at night."""

from playwright.async_api import Page, expect

from tests.journeys.customer import IMPRESSIONS, Customer
from tests.journeys.findings import sideways_scroll, small_targets
from tests.journeys.following import follow_live
from tests.journeys.shop import RunningShop


async def test_first_sale_on_a_phone(phone: Page, shop: RunningShop) -> None:
    customer = Customer(phone, shop)

    await fits_a_thumb(phone, "/")
    await order_from_the_sticky_form(customer)
    await customer.join()
    await fits_a_thumb(phone, "/checkout")
    await customer.check_out()
    await customer.pay_what_is_missing()
    await customer.sees_payment("Paid")
    [code] = await customer.order_codes(1)
    await follow_live(phone, [code])
    await walk_the_bottom_bar(phone)


async def order_from_the_sticky_form(customer: Customer) -> None:
    """The price and the button stay in sight above the bottom bar, wherever the page is scrolled to."""
    page = customer.page
    await customer.open_service(IMPRESSIONS)
    price = page.locator("#price output")
    await expect(price).to_be_in_viewport()
    button = page.get_by_role("button", name="Add to cart")
    await expect(button).to_be_in_viewport(ratio=1)
    await page.get_by_label("Quantity", exact=True).fill("2000")
    await expect(price).to_have_text("$6.838")
    await page.mouse.wheel(0, 4_000)
    await expect(button).to_be_in_viewport(ratio=1)
    await page.get_by_label("Link", exact=True).fill(customer.link)
    await button.click()


async def walk_the_bottom_bar(page: Page) -> None:
    """Each page is one tap away and marked as the one that is open."""
    bar = page.get_by_role("navigation", name="Main")
    for label, path in (("Shop", "/services"), ("Cart", "/cart"), ("Orders", "/orders"), ("Wallet", "/wallet")):
        await bar.get_by_role("link", name=label).tap()
        await page.wait_for_url(f"**{path}")
        await expect(bar.get_by_role("link", name=label)).to_have_attribute("aria-current", "page")


async def fits_a_thumb(page: Page, path: str) -> None:
    await page.goto(path)
    assert await sideways_scroll(page) <= 0
    assert await small_targets(page) == []
