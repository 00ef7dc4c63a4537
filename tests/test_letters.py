import re
from typing import Any

import pytest
from litestar import Litestar

from app import create_app
from domain import i18n
from domain.money import UNIT
from domain.notices import Letter, LetterName, RenderedLetter
from routes.assets import Assets
from routes.edge import Edge
from routes.letters import render_letter
from routes.pages import Pages, Shop
from settings import ROOT, Settings

BASE_URL = "https://shop.example"
ORDER = {"code": "K7F3Q2", "service": "Story reach", "quantity": 5_000, "charge": 920 * UNIT // 100, "token": "a.b-c"}
FINISHED = {"username": "marta", **ORDER, "state": "completed", "remains": 0, "refund": 0, "currency": "USD"}
CONTEXTS: dict[LetterName, dict[str, Any]] = {
    LetterName.CONFIRM_ADDRESS: {"username": "marta", "token": "a.b-c"},
    LetterName.ALREADY_REGISTERED: {"username": "marta"},
    LetterName.RESET_PASSWORD: {"username": "marta", "token": "a.b-c"},
    LetterName.PAYMENT_RECEIVED: {
        "username": "marta", "amount": 14 * UNIT, "currency": "USD", "receipt": "R-2026-000001", "code": "P7",
    },
    LetterName.ORDER_PLACED: {"username": "marta", "orders": [ORDER], "total": ORDER["charge"], "currency": "USD"},
    LetterName.ORDER_FINISHED: FINISHED,
}  # fmt: skip
LINKS = {
    LetterName.CONFIRM_ADDRESS: "/confirm/a.b-c",
    LetterName.ALREADY_REGISTERED: "/sign-in",
    LetterName.RESET_PASSWORD: "/password/a.b-c",
    LetterName.PAYMENT_RECEIVED: "/wallet/receipts/R-2026-000001",
    LetterName.ORDER_PLACED: "/track/a.b-c",
    LetterName.ORDER_FINISHED: "/track/a.b-c",
}


@pytest.fixture(scope="module")
def pages() -> Pages:
    shop = Shop(name="Upfront", currency="USD", contact_email="help@upfront.example", base_url=BASE_URL)
    return Pages(ROOT / "templates", Assets(ROOT / "static"), shop)


def write(pages: Pages, name: LetterName, *, locale: str = "en", **values: Any) -> RenderedLetter:
    return render_letter(pages, Letter(name, "c", None, "m@example.com", locale, CONTEXTS[name] | values))


@pytest.mark.parametrize("name", LetterName)
def test_letter_carries_its_link_as_text_and_as_a_button(pages: Pages, name: LetterName) -> None:
    letter = write(pages, name)

    assert f"\n{BASE_URL}{LINKS[name]}\n" in letter.text
    assert f'<a class="action" href="{BASE_URL}{LINKS[name]}"' in letter.html
    assert set(re.findall(r'href="([^"]*)"', letter.html)) == {BASE_URL + LINKS[name]}


@pytest.mark.parametrize("name", LetterName)
def test_letter_says_who_writes_and_where_to_ask(pages: Pages, name: LetterName) -> None:
    letter = write(pages, name)

    assert "Questions? Write to help@upfront.example. This is a letter from Upfront." in letter.text
    assert f"<h1>{letter.subject}</h1>" in letter.html
    assert "\n\n\n" not in letter.text


@pytest.mark.parametrize("name", LetterName)
def test_letter_believes_no_markup_and_keeps_its_subject_on_one_line(pages: Pages, name: LetterName) -> None:
    hostile = "<script>x</script>\r\nBcc: a@b.c"
    values = {key: hostile for key, value in CONTEXTS[name].items() if isinstance(value, str) and key != "state"}

    letter = write(pages, name, **values)

    assert "<script" not in letter.html
    assert "\n" not in letter.subject
    assert "\r" not in letter.subject


def test_letter_is_written_in_the_readers_language(pages: Pages) -> None:
    letter = write(pages, LetterName.PAYMENT_RECEIVED, locale="de")

    assert '<html lang="de" dir="ltr">' in letter.html
    assert i18n.locale.get() == "en"


def test_order_placed_lists_every_order_and_the_total(pages: Pages) -> None:
    other = ORDER | {"code": "K7F3Q3", "service": "Page visits", "token": "d.e-f"}

    letter = write(pages, LetterName.ORDER_PLACED, orders=[ORDER, other], total=1840 * UNIT // 100)

    assert letter.subject == "Your 2 orders are placed"
    assert "Order K7F3Q2: 5,000 for $9.20" in letter.text
    assert f"{BASE_URL}/track/d.e-f" in letter.text
    assert "Total: $18.40" in letter.text


@pytest.mark.parametrize(
    ("values", "subject", "lines"),
    [
        ({"state": "completed"}, "Order K7F3Q2 is completed", ["Ordered: 5,000"]),
        (
            {"state": "partial", "remains": 2_000, "refund": 368 * UNIT // 100},
            "Order K7F3Q2 was partly delivered",
            ["Ordered: 5,000", "Not delivered: 2,000", "Back in your wallet: $3.68"],
        ),
        (
            {"state": "partial", "remains": None, "refund": 0},
            "Order K7F3Q2 was partly delivered",
            ["Ordered: 5,000"],
        ),
        (
            {"state": "canceled", "remains": None, "refund": 920 * UNIT // 100},
            "Order K7F3Q2 was canceled",
            ["Ordered: 5,000", "Back in your wallet: $9.20"],
        ),
    ],
)
def test_order_finished_says_what_happened_to_the_order_and_the_money(
    pages: Pages, values: dict[str, Any], subject: str, lines: list[str]
) -> None:
    letter = write(pages, LetterName.ORDER_FINISHED, **values)

    assert letter.subject == subject
    assert letter.text.split("Story reach\n")[1].split("\n\n")[0].splitlines() == lines


@pytest.mark.parametrize("name", LetterName)
def test_letter_leads_to_a_page_that_exists(settings: Settings, name: LetterName) -> None:
    edge = create_app(settings)
    assert isinstance(edge, Edge)
    assert isinstance(edge.app, Litestar)
    pages = [route.path_format for route in edge.app.routes if "GET" in getattr(route, "methods", ())]

    assert [page for page in pages if re.fullmatch(re.sub(r"{\w+}", "[^/]+", page), LINKS[name])]
