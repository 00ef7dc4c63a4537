"""The provider took the order and its answer got lost: nothing is sent twice, nobody is worried, a person decides."""

from playwright.async_api import Page, expect

from tests.journeys.customer import Customer
from tests.journeys.following import follow_live
from tests.journeys.shop import RunningShop
from tests.journeys.staff import Clerk


async def test_lost_answer_parks_the_order_and_opens_a_case(page: Page, staff_page: Page, shop: RunningShop) -> None:
    customer, clerk = Customer(page, shop), Clerk(staff_page)
    await customer.join()
    await customer.add_money("20")
    await customer.add_impressions()
    shop.set_fault("provider.reset_after", action="add", remaining=1)

    await customer.place_from_balance()
    [code] = await customer.order_codes(1)

    await follow_live(page, [code], until="Being checked")
    await page.goto(f"/orders/{code}")
    await expect(page.get_by_text("Your money is safe")).to_be_visible()
    await clerk.sign_in()
    await clerk.page.goto("/staff/cases")
    await expect(clerk.page.get_by_text(code).first).to_be_visible()

    # While another order is sent and finished, the schedules that look for lost ones have come round.
    await customer.add_impressions(link=f"{customer.link}_later")
    await customer.place_from_balance()
    await follow_live(page, (await customer.order_codes(2))[:1])
    assert shop.count_adds(f"{customer.link}_later") == 1
    assert shop.count_adds(customer.link) == 1
