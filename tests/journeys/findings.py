"""What a look at a page can find: axe's findings, sideways scroll, targets too small for a thumb."""

from typing import Any, Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

AXE = Axe()
# Every rule that is on by default, and WCAG 2.2's size of targets on top. In the dark only colours differ.
ALL_RULES: dict[str, object] = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
COLOURS: dict[str, object] = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}

# Links inside a sentence are exempt (WCAG 2.5.8), and so is what cannot be seen or pressed. A control is as large as
# its label or as the `::after` that widens it, so the point 22 px from its centre is asked who would be pressed there.
SMALL_TARGETS = """
() => {
  const small = [];
  const controls = "a[href], button, summary, select, textarea, input:not([type=hidden])";
  for (const target of document.querySelectorAll(controls)) {
    if (!target.checkVisibility({ visibilityProperty: true }) || target.matches(".skip, :disabled")) continue;
    if (getComputedStyle(target).display === "inline") continue;
    const area = target.closest("label") ?? target;
    const wide = target.matches("[class$=-name]") ? target.closest("li") ?? area : area;
    const box = wide.getBoundingClientRect();
    if (box.width < 43.5 || box.height < 43.5) {
      small.push(`${target.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`);
    }
  }
  return small;
}
"""


async def axe_findings(page: Page) -> list[str]:
    """One line for each element that breaks a rule, in the light or in the dark."""
    return [*await _in_theme(page, "light", ALL_RULES), *await _in_theme(page, "dark", COLOURS)]


async def _in_theme(page: Page, theme: Literal["light", "dark"], options: dict[str, object]) -> list[str]:
    await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    found = await AXE.run(page, options=options)
    violations: list[dict[str, Any]] = found.response["violations"]
    return [f"{theme}, {rule['id']}: {node['html'][:160]}" for rule in violations for node in rule["nodes"]]


async def sideways_scroll(page: Page) -> int:
    """By how many pixels the page is wider than the screen."""
    return int(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


async def small_targets(page: Page) -> list[str]:
    """What is smaller than 44 pixels, although a thumb should meet it."""
    found: list[str] = await page.evaluate(SMALL_TARGETS)
    return found
