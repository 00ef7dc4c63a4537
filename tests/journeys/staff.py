"""Somebody who works in the shop, signed in as the demo owner."""

import asyncio
from dataclasses import dataclass

from playwright.async_api import Page, expect

import seeds


@dataclass
class Clerk:
    page: Page

    async def sign_in(self) -> None:
        await self.page.goto("/sign-in?next=/staff")
        await self.page.get_by_label("Username or mail address").fill(seeds.OWNER.username)
        await self.page.get_by_label("Password", exact=True).fill(seeds.OWNER.password)
        await self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
        await self.page.wait_for_url("**/staff*")

    async def open_order(self, code: str) -> None:
        await self.page.goto("/staff/orders")
        await self.page.get_by_role("link", name=code).first.click()
        await expect(self.page.get_by_role("heading", level=1)).to_contain_text(code)

    async def sees_notification_handled(self, username: str) -> None:
        """On the page of a customer's payment: what the processor told, once the worker has looked into it."""
        await self.page.goto(f"/staff/payments?q={username}")
        await self.page.locator("tbody a").first.click()
        notification = self.page.locator("article").filter(has_text="SUCCESS").first
        for _ in range(40):
            if "Not yet" not in await notification.inner_text():
                return
            await asyncio.sleep(0.3)
            await self.page.reload()
        raise AssertionError("The notification waits to be handled.")
