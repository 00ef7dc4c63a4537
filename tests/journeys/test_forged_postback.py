"""The customer who tells the shop that he paid, in the processor's own words."""

from playwright.async_api import Page

from tests.journeys.customer import Customer
from tests.journeys.shop import RunningShop
from tests.journeys.staff import Clerk


async def test_forged_success_credits_nothing_until_the_processor_says_so(
    page: Page, staff_page: Page, shop: RunningShop
) -> None:
    customer, clerk = Customer(page, shop), Clerk(staff_page)
    await customer.join()
    await customer.add_impressions()
    await customer.check_out()
    await customer.go_to_card_page()
    bill = page.url.rpartition("/")[2]

    forgery = shop.forge_success(bill)

    # The signature covers the sum alone, so it holds, and the shop takes the message in as it must.
    assert forgery["fields"]["Status"] == "SUCCESS"
    assert forgery["answer"] == "200"
    await clerk.sign_in()
    await clerk.sees_notification_handled(customer.username)
    assert await customer.balance() == "$0.00"
    assert [mail["subject"] for mail in shop.inbox(customer.email)] == ["Confirm your e-mail address"]

    await page.goto(f"{shop.hosted_page}/cardlink/pay/{bill}")
    await customer.type_card()
    await customer.return_to_shop()

    await customer.sees_payment("Paid")
    assert len(await customer.order_codes(1)) == 1
