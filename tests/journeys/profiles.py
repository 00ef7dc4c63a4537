"""Fresh browser profiles, watched from the first request to the last."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.journeys.shop import RunningShop
from tests.journeys.watch import Watch

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PATIENCE = 15_000  # milliseconds that a page may take before a step fails

expect.set_options(timeout=PATIENCE)


@asynccontextmanager
async def open_profile(chromium: Browser, shop: RunningShop, **options: Any) -> AsyncIterator[Page]:
    """A profile with one page. Fails at its end if any page complained or asked a stranger for anything."""
    context = await chromium.new_context(base_url=shop.url, **options)
    context.set_default_timeout(PATIENCE)
    watch = Watch(shop.url, shop.sandbox, shop.hosted_page)
    watch.follow(context)
    yield await context.new_page()
    await context.close()
    assert not watch.troubles, "\n".join(watch.troubles)
