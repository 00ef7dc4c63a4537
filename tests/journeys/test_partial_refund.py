"""What was not delivered comes back, and the order, the statement and the letter say the same sum."""

from playwright.async_api import Page, expect

from tests.journeys.customer import AMOUNT, Customer
from tests.journeys.following import follow_live
from tests.journeys.shop import RunningShop


async def test_partly_delivered_order_pays_back_the_rest(page: Page, shop: RunningShop) -> None:
    customer = Customer(page, shop)
    shop.set_fault("provider.outcome_partial", remains=400, remaining=1)

    code = await order_with_money_to_spare(customer)
    await follow_live(page, [code], until="Partly delivered")

    # 1,000 cost $3.419; 400 of them were not delivered.
    assert await says_the_same_everywhere(customer, code, "was partly delivered") == "$1.3676"
    assert await customer.balance() == "$17.94"


async def test_canceled_order_pays_back_all_of_it(page: Page, shop: RunningShop) -> None:
    customer = Customer(page, shop)
    shop.set_fault("provider.outcome_canceled", remaining=1)

    code = await order_with_money_to_spare(customer)
    await watch_the_money_come_back(page, code)

    assert await says_the_same_everywhere(customer, code, "was canceled") == "$3.419"
    assert await customer.balance() == "$20.00"


async def watch_the_money_come_back(page: Page, code: str) -> None:
    """The page is left alone: its state changes, and so does the balance in its header."""
    await page.goto(f"/orders/{code}")
    balance = page.get_by_role("navigation", name="Your shop").locator(".money")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Canceled")
    await expect(balance).to_have_text("$20.00")


async def order_with_money_to_spare(customer: Customer) -> str:
    await customer.join()
    await customer.add_money("20")
    await customer.add_impressions(1_000)
    await customer.place_from_balance()
    [code] = await customer.order_codes(1)
    return code


async def says_the_same_everywhere(customer: Customer, code: str, outcome: str) -> str:
    """The refund as the order page names it, found again in the statement and in the letter."""
    page = customer.page
    await page.goto(f"/orders/{code}")
    refund = await sum_of(page, "Back in your wallet")
    letter = customer.shop.wait_for_mail(customer.email, f"Order {code} {outcome}")
    assert f"Back in your wallet: {refund}" in letter["text"]
    await page.goto("/wallet")
    entry = page.get_by_role("row").filter(has_text=f"Refund, order {code}")
    await expect(entry).to_contain_text(f"+{refund}")
    return refund


async def sum_of(page: Page, label: str) -> str:
    """A line of the order's totals."""
    line = page.locator(".totals > div").filter(has_text=label)
    found = AMOUNT.search(await line.inner_text())
    assert found is not None, label
    return found.group()
