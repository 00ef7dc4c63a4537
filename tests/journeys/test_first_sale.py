"""The first sale, told twice: in a browser that moves by itself, and in one where no script runs."""

import re

from playwright.async_api import Page, expect

from tests.journeys.customer import IMPRESSIONS, MESSAGES, Customer
from tests.journeys.following import follow_by_reloading, follow_live
from tests.journeys.shop import RunningShop
from tests.journeys.staff import Clerk

COMMENTS = ("What a lovely place", "Which camera was this?", "Thank you for the map")


async def test_first_sale_from_the_search_to_the_receipt(page: Page, staff_page: Page, shop: RunningShop) -> None:
    customer = Customer(page, shop)

    await search_as_you_type(page)
    await customer.join()
    await customer.add_impressions(1_000)
    await customer.add_messages(*COMMENTS)
    await customer.check_out()
    missing = await customer.pay_what_is_missing()
    await customer.sees_payment("Paid")
    codes = await customer.order_codes(2)
    await follow_live(page, codes)
    await find_the_letters(customer, codes, missing)
    await find_statement_and_receipt(customer, codes, missing)

    await see_the_same_as_staff(Clerk(staff_page), codes)


async def test_first_sale_without_script(plain_page: Page, shop: RunningShop) -> None:
    """A visitor fills the cart first; it comes along into the new account."""
    customer = Customer(plain_page, shop)

    await customer.add_impressions(500)
    await customer.add_messages(*COMMENTS)
    await customer.join()
    await customer.check_out()
    missing = await customer.pay_what_is_missing()
    await customer.sees_payment("Paid")
    codes = await customer.order_codes(2)
    await follow_by_reloading(plain_page, codes)
    await find_the_letters(customer, codes, missing)
    await find_statement_and_receipt(customer, codes, missing)


async def search_as_you_type(page: Page) -> None:
    """The list follows the words in any order, and the address follows the list."""
    await page.goto("/")
    await page.get_by_role("link", name="Browse services").click()
    search = page.get_by_role("searchbox")
    await search.press_sequentially("japan STORY", delay=20)
    await expect(page.get_by_role("link", name=IMPRESSIONS, exact=False).first).to_be_visible()
    await expect(page).to_have_url(re.compile(r"q=japan(\+|%20)STORY"))
    await expect(page.get_by_role("link", name=MESSAGES, exact=False)).to_have_count(0)


async def find_the_letters(customer: Customer, codes: list[str], missing: str) -> None:
    """One letter for the payment, one for the checkout, one for each finished order; none of them twice."""
    for code in codes:
        customer.shop.wait_for_mail(customer.email, f"Order {code} is completed")
    subjects = sorted(mail["subject"] for mail in customer.shop.inbox(customer.email))
    assert subjects == sorted(
        [
            "Confirm your e-mail address",
            f"We received your payment of {missing}",
            "Your 2 orders are placed",
            *(f"Order {code} is completed" for code in codes),
        ]
    )


async def find_statement_and_receipt(customer: Customer, codes: list[str], missing: str) -> None:
    """The payment came in, both orders went out, and the receipt names the sum."""
    page = customer.page
    await page.goto("/wallet")
    statement = page.get_by_role("table").get_by_role("row")
    await expect(statement).to_have_count(4)
    for code in codes:
        await expect(statement.filter(has_text=code)).to_have_count(1)
    await expect(statement.filter(has_text=missing).first).to_be_visible()
    await page.get_by_role("link", name=re.compile("receipt", re.IGNORECASE)).first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Receipt")
    await expect(page.locator(".receipt")).to_contain_text(missing)


async def see_the_same_as_staff(clerk: Clerk, codes: list[str]) -> None:
    """Both orders completed, each sent once, and the payment that paid for them."""
    await clerk.sign_in()
    for code in codes:
        await clerk.open_order(code)
        await expect(clerk.page.get_by_text("Completed").first).to_be_visible()
        await expect(clerk.page.get_by_text("Accepted")).to_have_count(1)
    await clerk.page.goto("/staff/payments")
    await expect(clerk.page.get_by_role("row").filter(has_text="Paid").first).to_be_visible()
    await clerk.page.goto("/staff/dispatches")
    for code in codes:
        await expect(clerk.page.get_by_role("row").filter(has_text=code)).to_have_count(1)
