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
    payment: str  # the code of one that is paid
    waiting: str  # and of one that is not
    receipt: str  # its number
    tracking: str  # path of the page that a letter links to


async def fill(page: Page, shop: RunningShop) -> FilledShop:
    """Sign up, add money, order once for each way that an order can go, leave a payment and a cart behind."""
    customer = Customer(page, shop)
    await customer.join()
    await customer.add_money("60")
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
    await customer.add_package()
    await customer.begin_payment("25")
    await page.goto("/wallet")
    waiting, receipt = await _last_part(page, "#unfinished"), await _last_part(page, "#receipts")
    return FilledShop(customer, orders, payment, waiting, receipt, tracking)


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


async def _last_part(page: Page, section: str) -> str:
    """The code or number that the address of a section's first row ends with."""
    link = page.locator(f"{section} .row-name").first
    await expect(link).to_be_visible()
    return str(await link.evaluate("link => link.pathname")).rpartition("/")[2]
