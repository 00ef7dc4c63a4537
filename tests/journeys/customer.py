"""A person at a browser: reads headings and labels, presses buttons, opens letters. Works with and without script."""

import asyncio
import re
import secrets
import time
from dataclasses import dataclass, field

from playwright.async_api import Locator, Page, expect

from tests.journeys.shop import RunningShop

CARD, DECLINED_CARD = "4242 4242 4242 4242", "4000 0000 0000 0002"
IMPRESSIONS = "Instagram story ad impressions – Japan, small-business owners"  # noqa: RUF001 - the provider's own dash
MESSAGES = "Instagram welcome messages in your community – Europe, music lovers"  # noqa: RUF001
PACKAGE = "Sponsored Instagram story, 24 h – Zürich, small-business owners"  # noqa: RUF001
AMOUNT = re.compile(r"\$[\d,.]+\d")
PLACED = re.compile("(?<!/checkout)/orders")  # where a checkout ends
ADDRESS = re.compile(r"https?://\S+")


def some_name() -> str:
    return f"marta.{secrets.token_hex(3)}"


@dataclass
class Customer:
    """One customer, who signs up with a name that nobody had before."""

    page: Page
    shop: RunningShop
    username: str = field(default_factory=some_name)
    password: str = "copper-lantern-over-quiet-water"
    known: dict[str, str] = field(default_factory=dict)  # addresses of services

    @property
    def email(self) -> str:
        return f"{self.username}@mail.example"

    @property
    def link(self) -> str:
        """A profile of this customer's own, so that journeys never order on each other's links."""
        return f"https://www.instagram.com/{self.username.replace('.', '_')}"

    async def sign_up(self) -> None:
        page = self.page
        await page.goto("/sign-up")
        await self.fill_sign_up()

    async def fill_sign_up(self) -> None:
        page = self.page
        await page.get_by_label("Username").fill(self.username)
        await page.get_by_label("Mail address", exact=True).fill(self.email)
        await page.get_by_label("Password", exact=True).fill(self.password)
        await page.get_by_label("I am 18 or older").check()
        await page.get_by_label("I accept the terms").check()
        await page.get_by_role("main").get_by_role("button", name="Create account").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Look into your inbox")

    async def confirm_address(self) -> None:
        await self.page.goto(self.link_in("Confirm your e-mail address"))
        await self.page.get_by_role("button", name="Confirm this address").click()
        await expect(self.page.get_by_role("heading", level=1)).not_to_have_text("Confirm your mail address")

    async def join(self) -> None:
        """Everything that comes before the first order."""
        await self.sign_up()
        await self.confirm_address()

    def link_in(self, subject: str) -> str:
        """The address on the shop that a letter leads to."""
        text = self.shop.wait_for_mail(self.email, subject)["text"]
        found: str = next(url for url in ADDRESS.findall(text) if url.startswith(self.shop.url))
        return found.removeprefix(self.shop.url)

    async def open_service(self, name: str) -> None:
        """By way of the catalogue's search, as a GET form; whoever was there before knows the address."""
        if name in self.known:
            await self.page.goto(self.known[name])
            return
        await self.page.goto("/services")
        search = self.page.get_by_role("searchbox").first
        await search.fill(name)
        await search.press("Enter")
        await self.page.get_by_role("link", name=name, exact=False).first.click()
        await expect(self.page.get_by_role("heading", level=1)).to_contain_text(name)
        self.known[name] = self.page.url

    async def add_impressions(self, quantity: int = 1_000, *, link: str = "") -> None:
        await self.open_service(IMPRESSIONS)
        await self.page.get_by_label("Link", exact=True).fill(link or self.link)
        await self.page.get_by_label("Quantity", exact=True).fill(str(quantity))
        await self.add_to_cart()

    async def add_messages(self, *comments: str) -> None:
        await self.open_service(MESSAGES)
        await self.page.get_by_label("Link", exact=True).fill(self.link)
        await self.page.get_by_label("Comments", exact=False).fill("\n".join(comments))
        await self.add_to_cart()

    async def add_package(self) -> None:
        """Something that costs more than most wallets hold."""
        await self.open_service(PACKAGE)
        await self.page.get_by_label("Link", exact=True).fill(self.link)
        await self.add_to_cart()

    async def add_to_cart(self) -> None:
        """The page says so in place; a first line, or a browser without script, goes on to the cart."""
        await self.page.get_by_role("button", name="Add to cart").click()
        said = self.page.get_by_text("Added to your cart.")
        await expect(said.or_(self.page.get_by_role("heading", name="Your cart", level=1))).to_be_visible()

    async def check_out(self) -> None:
        """From the cart to the page that names what is missing."""
        await self.page.goto("/cart")
        await self.page.get_by_role("link", name=re.compile("Check and pay")).click()
        await expect(self.page.get_by_role("heading", level=1)).to_have_text("Check and pay")

    def place_button(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile("^Place "))

    def pay_button(self) -> Locator:
        return self.page.get_by_role("button", name=re.compile(r"Pay .* and place"))

    async def go_to_card_page(self) -> None:
        await self.pay_button().click()
        await expect(self.page.get_by_role("heading", level=1)).to_have_text("Pay by card")

    async def type_card(self, number: str = CARD) -> None:
        """On the processor's hosted page."""
        await self.page.get_by_label("Card number").fill(number)
        await self.page.get_by_label("Valid until").fill("12/34")
        await self.page.get_by_label("Security code").fill("123")
        await self.page.get_by_role("button", name=re.compile("^Pay ")).click()

    async def return_to_shop(self) -> None:
        """The processor's page goes back by itself; without script its button does it."""
        await self.page.get_by_role("button", name="Return to the shop").click()
        await self.page.wait_for_url(f"{self.shop.url}/**")

    async def balance(self) -> str:
        await self.page.goto("/wallet")
        return await self.page.locator(".balance-sum").inner_text()

    async def pay_what_is_missing(self, card: str = CARD) -> str:
        """Pay by card and come back; the sum that the button named, as the shop writes it."""
        label = await self.pay_button().inner_text()
        found = AMOUNT.search(label)
        assert found is not None, label
        await self.go_to_card_page()
        await self.type_card(card)
        await self.return_to_shop()
        return found.group()

    async def order_codes(self, number: int, *, seconds: float = 20) -> list[str]:
        """The codes of this customer's orders, the newest first, once there are so many."""
        deadline = time.monotonic() + seconds
        while True:
            await self.page.goto("/orders")
            links = await self.page.locator(".row-name").evaluate_all("rows => rows.map(row => row.pathname)")
            if len(links) >= number:
                return [link.rpartition("/")[2] for link in links]
            assert time.monotonic() < deadline, f"{len(links)} orders instead of {number}"
            await asyncio.sleep(0.3)

    async def place_from_balance(self) -> None:
        """What is left of a checkout when nothing is missing."""
        await self.check_out()
        await self.place_button().click()
        await self.page.wait_for_url(PLACED)

    async def add_money(self, amount: str, card: str = CARD) -> None:
        await self.begin_payment(amount)
        await self.type_card(card)
        await self.return_to_shop()
        await self.sees_payment("Paid")

    async def begin_payment(self, amount: str) -> None:
        """From the wallet to the card page."""
        await self.page.goto("/wallet")
        await self.page.get_by_label("Amount in USD").fill(amount)
        await self.page.get_by_role("button", name="Go to the payment page").click()
        await expect(self.page.get_by_role("heading", level=1)).to_have_text("Pay by card")

    async def sees_payment(self, state: str) -> None:
        """On a payment's page: live with script, by looking again without."""
        heading = self.page.get_by_role("heading", level=1)
        while await self.page.get_by_role("link", name="Look again").is_visible():
            await asyncio.sleep(0.3)
            await self.page.reload()
        await expect(heading).to_have_text(state)
