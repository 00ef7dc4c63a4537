"""`make shots`: every page at phone and desktop size, in the light and in the dark, into shots/."""

import asyncio
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from settings import ROOT
from tests.conftest import create_database, database_url, drop_database
from tests.journeys.customer import Customer
from tests.journeys.filling import fill
from tests.journeys.places import THEMES, Place, customer_places, newcomer_places, public_places, staff_places
from tests.journeys.profiles import FLAGS, open_profile
from tests.journeys.shop import RunningShop, running_shop
from tests.journeys.staff import Clerk

SHOTS = ROOT / "shots"
SIZES: dict[str, ViewportSize] = {"390": {"width": 390, "height": 844}, "1280": {"width": 1280, "height": 800}}
SPEED = "6"  # orders that take the sandbox 15 to 25 seconds take 3 to 4


async def main() -> None:
    """Start a shop on a database of its own, fill it, and take its pictures."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is not installed, so there are no pictures.")
    began = time.monotonic()
    shutil.rmtree(SHOTS, ignore_errors=True)
    SHOTS.mkdir()
    async with _shop() as shop, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        await _take_all(browser, shop)
        await browser.close()
    names = sorted(path.name for path in SHOTS.iterdir())
    lines = [*(f"shots/{name}" for name in names), f"{len(names)} pictures in {time.monotonic() - began:.0f} s"]
    sys.stdout.write("\n".join(lines) + "\n")


@asynccontextmanager
async def _shop() -> AsyncIterator[RunningShop]:
    name = f"upfront_shots_{secrets.token_hex(4)}"
    await create_database(name)
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            running_shop(database_url(name), Path(folder), SANDBOX_SPEED=SPEED) as shop,
        ):
            yield shop
    finally:
        await drop_database(name)


async def _take_all(browser: Browser, shop: RunningShop) -> None:
    async with open_profile(browser, shop) as page:
        filled = await fill(page, shop)
        await _take(page, customer_places(filled))
    async with open_profile(browser, shop) as page:
        await _take(page, public_places(shop, filled))
    async with open_profile(browser, shop) as page:
        await Customer(page, shop).sign_up()
        await _take(page, newcomer_places())
    async with open_profile(browser, shop) as page:
        await Clerk(page).sign_in()
        await _take(page, staff_places(filled))


async def _take(page: Page, places: Iterable[Place]) -> None:
    for place in places:
        for size, viewport in SIZES.items():
            await page.set_viewport_size(viewport)
            await place.visit(page)
            for theme in THEMES:
                await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                await _picture(page, viewport, SHOTS / f"{place.name}-{size}-{theme}.png")


async def _picture(page: Page, viewport: ViewportSize, path: Path) -> None:
    """The whole page, with what is fixed to the lower edge at its end and not across its middle."""
    height = int(await page.evaluate("document.documentElement.scrollHeight"))
    await page.set_viewport_size({**viewport, "height": max(height, viewport["height"])})
    await page.screenshot(path=path)
    await page.set_viewport_size(viewport)


if __name__ == "__main__":
    asyncio.run(main())
