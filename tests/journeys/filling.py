"""A customer with an order in every state, brought there by what a customer and the outside world really do."""

from collections.abc import Mapping
from dataclasses import dataclass

from playwright.async_api import Page, expect

from tests.journeys.customer import Customer
from tests.journeys.following import follow_by_reloading
from tests.journeys.shop import RunningShop

# What the order page says in the end, and the sandbox's fault that leads there. The last one stays on: it keeps its
# order waiting, and every later one too.
TROUBLES: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "Partly delivered": ("provider.outcome_partial", {"remains": 400, "remaining": 1}),
    "Canceled": ("provider.outcome_canceled", {"remaining": 1}),
    "In progress": ("provider.outcome_never", {"remaining": 1}),
    "Being checked": ("provider.reset_after", {"action": "add", "remaining": 1}),
    "Placed": ("provider.active_order", {}),
}


@dataclass(frozen=True)
class FilledShop:
    """Where to find what was made."""

    customer: Customer
    orders: Mapping[str, str]  # what the order page says -> code
    payment: str  # its code
    receipt: str  # its number
    tracking: str  # path of the page that a letter links to


async def fill(page: Page, shop: RunningShop) -> FilledShop:
    """Sign up, add money, order once for each way that an order can go, and leave something in the cart."""
    customer = Customer(page, shop)
    await customer.join()
    await customer.add_money("900")
    payment = page.url.rpartition("/")[2]
    orders = await _order_without_trouble(customer)
    for headline, (fault, options) in TROUBLES.items():
        customer.shop.set_fault(fault, **options)
        orders[headline] = await _order_again(customer, number=len(orders) + 2)
        if "remaining" in options:
            customer.shop.wait_until_calm()
    for headline, code in orders.items():
        await follow_by_reloading(page, [code], until=headline)
    tracking = customer.link_in("are placed")
    await customer.add_impressions(500, link=f"{customer.link}_next")
    return FilledShop(customer, orders, payment, await _receipt_number(page), tracking)


async def _order_without_trouble(customer: Customer) -> dict[str, str]:
    await customer.add_impressions(1_000)
    await customer.add_messages("What a lovely place", "Thank you for the map")
    await customer.place_from_balance()
    codes = await customer.order_codes(2)
    return {"Completed": codes[0]}


async def _order_again(customer: Customer, *, number: int) -> str:
    await customer.add_impressions(1_000, link=f"{customer.link}{number}")
    await customer.place_from_balance()
    return (await customer.order_codes(number))[0]


async def _receipt_number(page: Page) -> str:
    await page.goto("/wallet")
    link = page.locator("#receipts .row-name").first
    await expect(link).to_be_visible()
    return str(await link.evaluate("link => link.pathname")).rpartition("/")[2]
