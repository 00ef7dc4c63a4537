"""Watching an order until it is done: with a page that moves by itself, and by asking again."""

import asyncio
import time

from playwright.async_api import Page, expect

FINISH_SECONDS = 40


async def follow_live(page: Page, codes: list[str], *, until: str = "Completed") -> None:
    """Open each order in a tab of its own and touch none of them: each ends at `until` by itself."""
    tabs = [await page.context.new_page() for _ in codes]
    for tab, code in zip(tabs, codes, strict=True):
        await tab.goto(f"/orders/{code}")
        await tab.evaluate("window.untouched = true")
    await asyncio.gather(*(_ends_live(tab, until) for tab in tabs))
    for tab in tabs:
        await tab.close()


async def _ends_live(tab: Page, until: str) -> None:
    await expect(tab.get_by_role("heading", level=1)).to_contain_text(until, timeout=FINISH_SECONDS * 1000)
    assert await tab.evaluate("window.untouched") is True, "the page was loaded again"


async def follow_by_reloading(page: Page, codes: list[str], *, until: str = "Completed") -> None:
    """What a person without script does: reload now and then."""
    deadline = time.monotonic() + FINISH_SECONDS
    for code in codes:
        await page.goto(f"/orders/{code}")
        while until not in await page.get_by_role("heading", level=1).inner_text():
            assert time.monotonic() < deadline, f"Order {code} did not end"
            await asyncio.sleep(0.5)
            await page.reload()
