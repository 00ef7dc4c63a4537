"""Every page of the shop, empty and filled and with its errors, for those who look at all of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import httpx
from playwright.async_api import Page, expect

from tests.journeys.customer import IMPRESSIONS, MESSAGES, PACKAGE
from tests.journeys.filling import FilledShop
from tests.journeys.shop import RunningShop

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TRAFFIC = "Shop visits from newsletter ads – Ireland, ages 25–34"  # noqa: RUF001 - the provider's own dashes


@dataclass(frozen=True)
class Place:
    """A page; with `press`, what it answers to its own form sent as it is, without the browser's checks."""

    name: str
    path: str
    press: str = ""

    async def visit(self, page: Page) -> None:
        await page.goto(self.path)
        if self.press:
            await page.evaluate("for (const form of document.forms) form.noValidate = true")
            await page.get_by_role("main").get_by_role("button", name=self.press).first.click()
            await expect(page.locator("#error-summary")).to_be_focused()


def public_places(shop: RunningShop, filled: FilledShop) -> Iterator[Place]:
    """What anybody may see."""
    yield Place("home", "/")
    yield Place("services", "/services")
    yield Place("services-found", "/services?q=japan+story")
    yield Place("services-nothing", "/services?q=zzzzzz")
    yield Place("service-default", path_of_service(shop, IMPRESSIONS))
    yield Place("service-errors", path_of_service(shop, IMPRESSIONS), press="Add to cart")
    yield Place("service-comments", path_of_service(shop, MESSAGES))
    yield Place("service-traffic", path_of_service(shop, TRAFFIC))
    yield Place("service-package", path_of_service(shop, PACKAGE))
    yield Place("cart-empty", "/cart")
    yield Place("sign-in", "/sign-in")
    yield Place("sign-in-errors", "/sign-in", press="Sign in")
    yield Place("sign-up", "/sign-up")
    yield Place("sign-up-errors", "/sign-up", press="Create account")
    yield Place("password-new", "/password/new")
    yield Place("link-dead", "/confirm/stale-token")
    yield Place("tracking", filled.tracking)
    for name in ("terms", "privacy", "cookies", "contact"):
        yield Place(name, f"/{name}")
    yield Place("not-found", "/nowhere")


def newcomer_places() -> Iterator[Place]:
    """What an account looks like on its first day, with its address not yet confirmed."""
    yield Place("confirmation-new", "/account/confirmation")
    yield Place("orders-empty", "/orders")
    yield Place("wallet-empty", "/wallet")
    yield Place("account-unconfirmed", "/account")


def customer_places(filled: FilledShop) -> Iterator[Place]:
    """What a customer sees who has one order of each kind and something in the cart."""
    yield Place("cart", "/cart")
    yield Place("checkout", "/checkout")
    yield Place("orders", "/orders")
    yield Place("orders-nothing", "/orders?q=zzzzzz")
    for state, code in filled.orders.items():
        yield Place(f"order-{state.lower().replace(' ', '-')}", f"/orders/{code}")
    yield Place("payment-paid", f"/payments/{filled.payment}")
    yield Place("payment-waiting", f"/payments/{filled.waiting}")
    yield Place("wallet", "/wallet")
    yield Place("wallet-errors", "/wallet", press="Go to the payment page")
    yield Place("receipt", f"/wallet/receipts/{filled.receipt}")
    yield Place("account", "/account")
    yield Place("account-errors", "/account", press="Change password")


def staff_places(filled: FilledShop) -> Iterator[Place]:
    """The staff section with something in every list."""
    yield Place("staff", "/staff")
    yield Place("staff-orders", "/staff/orders")
    yield Place("staff-orders-nothing", "/staff/orders?q=zzzzzz")
    yield Place("staff-order", f"/staff/orders/{filled.orders['Partly delivered']}")
    yield Place("staff-order-parked", f"/staff/orders/{filled.orders['Being checked']}")
    yield Place("staff-payments", "/staff/payments")
    yield Place("staff-payment", f"/staff/payments/{filled.payment}")
    yield Place("staff-dispatches", "/staff/dispatches")
    yield Place("staff-cases", "/staff/cases")
    yield Place("staff-case", "/staff/cases/1")
    yield Place("staff-case-errors", "/staff/cases/1", press="Cancel and refund")


def path_of_service(shop: RunningShop, name: str) -> str:
    found = re.search(r'href="(/services/\d+)"', httpx.get(f"{shop.url}/services", params={"q": name}).text)
    assert found is not None, name
    return found.group(1)
