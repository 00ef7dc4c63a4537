"""Whoever presses twice, or goes back and presses again, has one order."""

from playwright.async_api import Page, expect

from tests.journeys.customer import PLACED, Customer
from tests.journeys.shop import RunningShop


async def test_double_click_on_place_makes_one_order(page: Page, shop: RunningShop) -> None:
    customer = await with_money_and_cart(page, shop)

    await customer.check_out()
    await customer.place_button().dblclick()
    await page.wait_for_url(PLACED)

    assert len(await customer.order_codes(1)) == 1


async def test_double_click_on_place_makes_one_order_without_script(plain_page: Page, shop: RunningShop) -> None:
    customer = await with_money_and_cart(plain_page, shop)

    await customer.check_out()
    await customer.place_button().dblclick()
    await plain_page.wait_for_url(PLACED)

    assert len(await customer.order_codes(1)) == 1


async def test_back_button_after_ordering_does_not_order_again(page: Page, shop: RunningShop) -> None:
    customer = await with_money_and_cart(page, shop)
    await customer.place_from_balance()

    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Check and pay")
    if await customer.place_button().is_visible():  # a browser may show the page as it was
        await customer.place_button().click()
        await page.wait_for_url(PLACED)

    assert len(await customer.order_codes(1)) == 1


async def test_double_click_on_pay_makes_one_payment(page: Page, shop: RunningShop) -> None:
    customer = Customer(page, shop)
    await customer.join()
    await customer.add_impressions()
    await customer.check_out()

    await customer.pay_button().dblclick()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Pay by card")
    await page.goto("/wallet")

    await expect(page.locator("#unfinished .row")).to_have_count(1)


async def with_money_and_cart(page: Page, shop: RunningShop) -> Customer:
    customer = Customer(page, shop)
    await customer.join()
    await customer.add_money("20")
    await customer.add_impressions()
    return customer
