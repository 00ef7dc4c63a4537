"""A declined card costs nothing and loses nothing."""

from playwright.async_api import Page, expect

from tests.journeys.customer import DECLINED_CARD, Customer
from tests.journeys.shop import RunningShop


async def test_declined_card_credits_nothing_and_keeps_the_cart_for_another_try(page: Page, shop: RunningShop) -> None:
    customer = Customer(page, shop)
    await customer.join()
    await customer.add_impressions()
    await customer.check_out()

    await customer.pay_what_is_missing(DECLINED_CARD)

    await customer.sees_payment("Not paid")
    assert await customer.balance() == "$0.00"
    await expect(page.get_by_text("Nothing here yet")).to_be_visible()

    await page.goto("/cart")
    await expect(page.locator(".line")).to_have_count(1)
    await customer.check_out()
    await customer.pay_what_is_missing()

    await customer.sees_payment("Paid")
    assert len(await customer.order_codes(1)) == 1
