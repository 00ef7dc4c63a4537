"""One shop for all journeys, one Chromium, and a fresh profile for each journey that fails on any complaint."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.conftest import create_database, database_url, drop_database
from tests.journeys.filling import FilledShop, fill
from tests.journeys.profiles import DESKTOP, FLAGS, PHONE, open_profile
from tests.journeys.shop import RunningShop, running_shop

SPEED = "6"  # orders that take the sandbox 15 to 25 seconds take 3 to 4


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
    with running_shop(shop_database, folder, SANDBOX_SPEED=SPEED) as shop:
        yield shop


@pytest.fixture(autouse=True)
def calm_world(shop: RunningShop) -> Iterator[None]:
    """No journey leaves a trouble of the outside world to the next."""
    yield
    shop.clear_faults()


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def page(chromium: Browser, shop: RunningShop) -> AsyncIterator[Page]:
    """A desktop with script, as most people at a desk have it."""
    async with open_profile(chromium, shop, viewport=DESKTOP) as page:
        yield page


@pytest.fixture
async def plain_page(chromium: Browser, shop: RunningShop) -> AsyncIterator[Page]:
    """A browser in which no script runs."""
    async with open_profile(chromium, shop, viewport=DESKTOP, java_script_enabled=False) as page:
        yield page


@pytest.fixture
async def phone(chromium: Browser, shop: RunningShop) -> AsyncIterator[Page]:
    """A small touch screen at night."""
    async with open_profile(
        chromium, shop, viewport=PHONE, has_touch=True, is_mobile=True, color_scheme="dark"
    ) as page:
        yield page


@pytest.fixture
async def staff_page(chromium: Browser, shop: RunningShop) -> AsyncIterator[Page]:
    """A second desktop, for whoever works in the shop."""
    async with open_profile(chromium, shop, viewport=DESKTOP) as page:
        yield page


@pytest.fixture(scope="session")
async def filled_page(chromium: Browser, shop: RunningShop) -> AsyncIterator[Page]:
    """Where the customer of the filled shop stays signed in."""
    async with open_profile(chromium, shop, viewport=DESKTOP) as page:
        yield page


@pytest.fixture(scope="session")
async def filled(filled_page: Page, shop: RunningShop) -> FilledShop:
    """An order in every state, for the journeys that look at all pages."""
    return await fill(filled_page, shop)
