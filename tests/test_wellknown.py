"""What programs look for at fixed addresses."""

from datetime import datetime, timedelta

from domain.clock import now
from tests.browser import Browser


async def test_security_txt_says_whom_to_write_to_and_stays_valid(browser: Browser) -> None:
    answer = await browser.get("/.well-known/security.txt")

    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert fields["Contact"] == "mailto:help@upfront.example"
    assert fields["Canonical"].endswith("/.well-known/security.txt")
    assert datetime.fromisoformat(fields["Expires"]) > now() + timedelta(days=30)


async def test_robots_are_asked_to_leave_personal_pages_alone(browser: Browser) -> None:
    answer = await browser.get("/robots.txt")

    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /account", "Disallow: /orders", "Disallow: /staff"} <= set(lines)
    assert "Disallow: /services" not in lines
