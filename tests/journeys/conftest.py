"""One shop for all journeys, one browser, and a fresh profile for each journey."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.conftest import create_database, database_url, drop_database
from tests.journeys.shop import RunningShop, running_shop

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture(autouse=True)
def rollback() -> None:
    """Journeys have a database of their own, in other processes: there is nothing to roll back."""


@pytest.fixture(scope="session")
async def shop_database() -> AsyncIterator[str]:
    name = f"upfront_journeys_{os.getpid()}"
    await create_database(name)
    yield database_url(name)
    await drop_database(name)


@pytest.fixture(scope="session")
def shop(shop_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    folder: Path = tmp_path_factory.mktemp("shop")
    with running_shop(shop_database, folder) as shop:
        yield shop


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def context(chromium: Browser, shop: RunningShop) -> AsyncIterator[BrowserContext]:
    """A desktop with script, as most people at a desk have it."""
    context = await chromium.new_context(viewport=DESKTOP, base_url=shop.url)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    yield context
    await context.close()


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    return await context.new_page()


@pytest.fixture
async def plain_page(chromium: Browser, shop: RunningShop) -> AsyncIterator[Page]:
    """A browser in which no script runs."""
    context = await chromium.new_context(viewport=DESKTOP, base_url=shop.url, java_script_enabled=False)  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    yield await context.new_page()
    await context.close()


@pytest.fixture
async def phone(chromium: Browser, shop: RunningShop) -> AsyncIterator[Page]:
    """A small touch screen at night."""
    context = await chromium.new_context(
        viewport=PHONE,  # type: ignore[arg-type]
        base_url=shop.url,
        has_touch=True,
        is_mobile=True,
        color_scheme="dark",
    )
    context.set_default_timeout(15_000)
    yield await context.new_page()
    await context.close()
