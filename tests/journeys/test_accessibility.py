"""What axe finds on any page in the light and in the dark (nothing), and whether a keyboard is enough."""

import re
from collections.abc import Iterable

import pytest
from playwright.async_api import Page, expect

from tests.journeys.customer import Customer
from tests.journeys.filling import FilledShop
from tests.journeys.findings import axe_findings
from tests.journeys.places import Place, customer_places, newcomer_places, public_places, staff_places
from tests.journeys.shop import RunningShop
from tests.journeys.staff import Clerk


async def test_public_pages_have_no_findings(page: Page, shop: RunningShop, filled: FilledShop) -> None:
    assert await findings_in(page, public_places(shop, filled)) == {}


async def test_first_day_of_an_account_has_no_findings(page: Page, shop: RunningShop) -> None:
    await Customer(page, shop).sign_up()

    assert await findings_in(page, newcomer_places()) == {}


async def test_customers_pages_have_no_findings(filled_page: Page, filled: FilledShop) -> None:
    assert await findings_in(filled_page, customer_places(filled)) == {}


async def test_staff_pages_have_no_findings(staff_page: Page, filled: FilledShop) -> None:
    await Clerk(staff_page).sign_in()

    assert await findings_in(staff_page, staff_places(filled)) == {}


async def findings_in(page: Page, places: Iterable[Place]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for place in places:
        await place.visit(page)
        if findings := await axe_findings(page):
            found[place.name] = findings
    return found


async def test_skip_link_is_the_first_stop_and_leads_to_the_page(page: Page) -> None:
    await page.goto("/services")

    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    await expect(page.get_by_role("link", name="Skip to the page")).to_be_in_viewport()
    await page.keyboard.press("Enter")

    await expect(page.locator("#main")).to_be_focused()


FOCUS_IS_VISIBLE = """
() => {
  const shows = (element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const focused = document.activeElement;
  if (focused === document.body) return null;
  for (let element = focused; element; element = element.parentElement) if (shows(element)) return "";
  return focused.outerHTML.slice(0, 120);
}
"""


@pytest.mark.parametrize("path", ["/", "/services?q=japan+story", "/sign-up", "/cart"])
async def test_focus_is_visible_on_every_stop(page: Page, path: str) -> None:
    await page.goto(path)

    invisible = []
    for _ in range(60):
        await page.keyboard.press("Tab")
        if (stop := await page.evaluate(FOCUS_IS_VISIBLE)) is None:
            break
        invisible.append(stop)

    assert len(invisible) > 5
    assert [stop for stop in invisible if stop] == []


async def test_error_summary_takes_the_focus_and_leads_to_the_field(page: Page) -> None:
    """Signing up by keyboard alone, with nothing filled in."""
    await page.goto("/sign-up")
    await page.get_by_label("Username").focus()

    await page.keyboard.press("Enter")

    await expect(page.locator("#error-summary")).to_be_focused()
    await expect(page).to_have_title(re.compile("^Error:"))
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Username")).to_be_focused()
