"""The first sale in one hand, at night."""

from collections.abc import Iterable

from playwright.async_api import Page, expect

from tests.journeys.customer import IMPRESSIONS, Customer
from tests.journeys.filling import FilledShop
from tests.journeys.findings import sideways_scroll, small_targets
from tests.journeys.following import follow_live
from tests.journeys.places import Place, customer_places, public_places, staff_places
from tests.journeys.shop import RunningShop
from tests.journeys.staff import Clerk


async def test_first_sale_on_a_phone(phone: Page, shop: RunningShop) -> None:
    customer = Customer(phone, shop)

    await order_from_the_sticky_form(customer)
    await customer.join()
    await customer.check_out()
    await customer.pay_what_is_missing()
    await customer.sees_payment("Paid")
    [code] = await customer.order_codes(1)
    await follow_live(phone, [code])
    await walk_the_bottom_bar(phone)


async def test_no_page_scrolls_sideways_or_has_targets_too_small_for_a_thumb(
    phone: Page, shop: RunningShop, filled_page: Page, filled: FilledShop
) -> None:
    assert await misfits_in(phone, public_places(shop, filled)) == {}

    await phone.context.add_cookies(await filled_page.context.cookies())  # type: ignore[arg-type]
    assert await misfits_in(phone, customer_places(filled)) == {}


async def test_staff_pages_fit_a_phone_too(phone: Page, filled: FilledShop) -> None:
    """Their lists are dense and scroll within the page, so only the page itself is held to the width."""
    await Clerk(phone).sign_in()

    misfits = await misfits_in(phone, staff_places(filled))
    assert {name: found for name, found in misfits.items() if "sideways" in found[0]} == {}


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
    await customer.add_to_cart()


async def walk_the_bottom_bar(page: Page) -> None:
    """Each page is one tap away and marked as the one that is open."""
    bar = page.get_by_role("navigation", name="Main")
    for label, path in (("Shop", "/services"), ("Cart", "/cart"), ("Orders", "/orders"), ("Wallet", "/wallet")):
        await bar.get_by_role("link", name=label).tap()
        await page.wait_for_url(f"**{path}")
        await expect(bar.get_by_role("link", name=label)).to_have_attribute("aria-current", "page")


async def misfits_in(page: Page, places: Iterable[Place]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for place in places:
        await place.visit(page)
        scroll = await sideways_scroll(page)
        misfits = [*([f"sideways by {scroll} px"] if scroll > 0 else []), *await small_targets(page)]
        if misfits:
            found[place.name] = misfits
    return found
