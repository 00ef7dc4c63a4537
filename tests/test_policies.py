"""The policies and how to reach the shop."""

import pytest

from tests.browser import Browser


@pytest.mark.parametrize("path", ["/terms", "/privacy", "/cookies", "/contact"])
async def test_policy_is_a_page_for_everybody_and_sets_no_cookie(browser: Browser, path: str) -> None:
    page = await browser.get(path)

    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize("path", ["/terms", "/privacy"])
async def test_policy_says_its_version_and_since_when_it_is_in_force(browser: Browser, path: str) -> None:
    assert "Version 1, in force since Nov 22, 2026" in (await browser.get(path)).text


async def test_contact_names_the_address_of_the_shop(browser: Browser) -> None:
    assert 'href="mailto:help@upfront.example"' in (await browser.get("/contact")).text
