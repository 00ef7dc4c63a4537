import re

import pytest

from domain import catalog
from domain.money import UNIT
from models.catalog import Service, ServiceState, ServiceType
from tests.browser import Browser
from tests.factories import make_category, make_service

NO_PRICE = "\N{EN DASH}"


@pytest.fixture
async def service() -> Service:
    category = await make_category("Instagram reach", platform="instagram")
    service = await make_service("Story reach, Málaga", category=category.id, rate=2 * UNIT, average_minutes=90)
    await catalog.load()
    return service


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<.*?>", " ", html).split())


async def test_service_shows_facts_marks_and_the_form_for_the_cart(browser: Browser, service: Service) -> None:
    html = (await browser.get(f"/services/{service.id}")).text
    text = text_of(html)

    assert "<h1>Story reach, Málaga</h1>" in html
    assert "Price per 1,000 $2.00 Least 100 Most 10,000 Usual time 2 hours" in text
    assert "Reach people who care." in text
    assert 'action="/cart/lines"' in html
    assert "The address of an Instagram profile, post, reel or story" in html
    assert f'name="service" value="{service.id}"' in html


async def test_price_without_script_is_a_page_of_its_own(browser: Browser, service: Service) -> None:
    html = (await browser.get(f"/services/{service.id}?quantity=2500")).text

    assert "$5.00</output>" in html
    assert 'name="quantity" value="2500"' in html


@pytest.mark.parametrize(
    ("quantity", "answer"),
    [
        ("2500", "2,500 at $2.00 per 1,000 $5.00"),
        ("2,500", "2,500 at $2.00 per 1,000 $5.00"),
        ("", f"Enter a quantity to see the price. {NO_PRICE}"),
        ("99", f"Quantity must be 100 to 10,000. {NO_PRICE}"),
        ("10001", f"Quantity must be 100 to 10,000. {NO_PRICE}"),
        ("lots", f"Enter a quantity to see the price. {NO_PRICE}"),
    ],
)
async def test_live_price_is_a_fragment(browser: Browser, service: Service, quantity: str, answer: str) -> None:
    html = (await browser.get_fragment(f"/services/{service.id}/price?quantity={quantity}")).text

    assert html.count("<html") == 0
    assert 'id="price"' in html
    assert text_of(html) == answer


async def test_price_of_comments_counts_filled_lines_and_of_a_package_is_its_rate(browser: Browser) -> None:
    comments = await make_service(type=ServiceType.CUSTOM_COMMENTS, rate=400 * UNIT, min_quantity=1)
    package = await make_service(type=ServiceType.PACKAGE, rate=9 * UNIT, min_quantity=1, max_quantity=1)
    await catalog.load()

    lines = await browser.submit(f"/services/{comments.id}/price", {"comments": "One\n\nTwo\n"}, htmx=True)

    assert "2 lines at $400.00 per 1,000" in lines.text
    assert "$0.80</output>" in lines.text
    assert "$9.00</output>" in (await browser.get(f"/services/{package.id}")).text
    assert "Quantity" not in (await browser.get(f"/services/{package.id}")).text


async def test_price_of_lines_without_script_leads_back_to_the_service(browser: Browser, service: Service) -> None:
    answer = await browser.submit(f"/services/{service.id}/price", {"quantity": "100"})

    assert (answer.status_code, answer.headers["location"]) == (303, f"/services/{service.id}")


@pytest.mark.parametrize(
    ("link", "answer"),
    [
        ("https://www.instagram.com/marta/", "Instagram profile @marta"),
        ("http://127.0.0.1/", "That address belongs to a private or reserved network. Give a public one."),
        ("", ""),
    ],
)
async def test_link_field_says_what_it_understood(browser: Browser, service: Service, link: str, answer: str) -> None:
    html = (await browser.submit(f"/services/{service.id}/link-check", {"link": link}, htmx=True)).text

    assert text_of(html) == answer


async def test_web_traffic_asks_for_its_own_fields(browser: Browser) -> None:
    service = await make_service(type=ServiceType.WEB_TRAFFIC)
    await catalog.load()

    html = (await browser.get(f"/services/{service.id}")).text

    names = re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', html.partition("/cart/lines")[2])
    assert names[:8] == [
        "service", "link", "quantity", "country", "device", "type_of_traffic", "google_keyword", "referring_url",
    ]  # fmt: skip


async def test_service_that_left_the_shelf_says_so(browser: Browser) -> None:
    service = await make_service("Story reach", state=ServiceState.VANISHED)
    await catalog.load()

    page = await browser.get(f"/services/{service.id}")
    price = await browser.get(f"/services/{service.id}/price?quantity=100")

    assert page.status_code == 200
    assert "This service is not for sale now" in page.text
    assert '<form class="card' not in page.text
    assert price.status_code == 404


@pytest.mark.parametrize("number", ["0", "999999999"])
async def test_unknown_service_is_a_404_page(browser: Browser, service: Service, number: str) -> None:
    answer = await browser.get(f"/services/{number}")

    assert answer.status_code == 404
    assert "There is no such service." in answer.text
