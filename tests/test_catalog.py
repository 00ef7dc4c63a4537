import gzip
import re

import httpx
import pytest

from domain import catalog
from domain.money import UNIT
from models.catalog import Category, Service
from tests.browser import Browser
from tests.factories import make_account, make_category, make_service
from tests.statements import counted_statements


@pytest.fixture
async def shelves() -> list[Service]:
    """Two categories on two platforms."""
    reach = await make_category("Instagram reach", platform="instagram")
    video = await make_category("YouTube videos", platform="youtube")
    services = [
        await make_service("Story reach, Málaga", category=reach.id, rate=2 * UNIT, refill=True, average_minutes=90),
        await make_service("Feed reach", category=reach.id, rate=UNIT, cancel=True),
        await make_service("Video views", category=video.id, rate=3 * UNIT),
    ]
    await catalog.load()
    return services


def shown(html: str) -> list[str]:
    return re.findall(r'class="service-name" href="[^"]*">([^<]*)<', html)


def count_line(html: str) -> str:
    match = re.search(r'<p role="status">(.*?)</p>', html)
    assert match is not None
    return re.sub(r"<.*?>", "", match[1])


async def test_list_groups_services_under_their_categories_with_count_and_prices(
    browser: Browser, shelves: list[Service]
) -> None:
    html = (await browser.get("/services")).text

    assert shown(html) == ["Story reach, Málaga", "Feed reach", "Video views"]
    assert re.findall(r"<h2 id=[^>]*>([^<]*)</h2>", html) == ["Instagram reach", "YouTube videos"]
    assert "2 · $1.00 to $2.00" in " ".join(re.sub(r"<.*?>", "", html).split())
    assert count_line(html) == "3 services"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=malaga", ["Story reach, Málaga"]),
        ("q=REACH+story", ["Story reach, Málaga"]),
        ("q=youtube", ["Video views"]),
        ("platform=youtube", ["Video views"]),
        ("sort=price", ["Feed reach", "Story reach, Málaga", "Video views"]),
        ("sort=speed", ["Story reach, Málaga", "Feed reach", "Video views"]),
        ("sort=name&platform=instagram", ["Feed reach", "Story reach, Málaga"]),
        ("sort=nonsense&page=x&category=", ["Story reach, Málaga", "Feed reach", "Video views"]),
        ("page=99", ["Story reach, Málaga", "Feed reach", "Video views"]),
    ],
)
async def test_address_says_what_is_listed(
    browser: Browser, shelves: list[Service], query: str, names: list[str]
) -> None:
    assert shown((await browser.get(f"/services?{query}")).text) == names


async def test_category_is_listed_among_those_of_its_platform(browser: Browser, shelves: list[Service]) -> None:
    category = await Category.objects().get(Category.name == "YouTube videos")
    assert category is not None

    html = (await browser.get(f"/services?category={category.id}")).text

    assert shown(html) == ["Video views"]
    assert "<h1>YouTube videos</h1>" in html
    assert "Instagram reach" not in html


async def test_search_keeps_the_other_choices_and_they_keep_the_search(
    browser: Browser, shelves: list[Service]
) -> None:
    html = (await browser.get("/services?q=reach&platform=instagram&sort=price")).text

    assert '<input type="hidden" name="platform" value="instagram">' in html
    assert '<input type="hidden" name="sort" value="price">' in html
    assert 'href="/services?q=reach&amp;platform=instagram&amp;sort=name"' in html


async def test_what_was_typed_is_shown_as_text(browser: Browser, shelves: list[Service]) -> None:
    answer = await browser.get("/services", params={"q": "<script>alert(1)</script><!--results-->"})

    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert count_line(answer.text).startswith("0 services for")


@pytest.mark.parametrize(
    ("query", "advice"),
    [
        ("q=zebra", "Try fewer or shorter words"),
        ("q=zebra&platform=youtube", "Search everywhere"),
        ("platform=nowhere", "Show all services"),
    ],
)
async def test_nothing_found_says_what_to_do(browser: Browser, shelves: list[Service], query: str, advice: str) -> None:
    html = (await browser.get(f"/services?{query}")).text

    assert shown(html) == []
    assert advice in html


async def test_long_list_goes_on_behind_a_real_link(browser: Browser) -> None:
    category = await make_category("Instagram reach")
    for number in range(40):
        await make_service(f"Service {number:02}", category=category.id)
    await catalog.load()

    first = (await browser.get("/services")).text
    second = (await browser.get("/services?page=2")).text

    assert len(shown(first)) == 30
    assert 'href="/services?page=2" hx-get="/services?page=2" hx-select=".category, #more"' in first
    assert shown(second) == [f"Service {number}" for number in range(30, 40)]
    assert "continued" in second
    assert "Load more" not in second


async def test_visitors_share_one_kept_page_with_an_etag(browser: Browser, shelves: list[Service]) -> None:
    first = await browser.get("/services")
    again = await browser.get("/services", headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["content-encoding"] == "gzip"
    assert first.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert first.headers["vary"] == "Cookie, Accept-Encoding"
    assert "set-cookie" not in first.headers
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])


async def test_a_new_version_of_the_catalogue_is_a_new_page(browser: Browser, shelves: list[Service]) -> None:
    first = await browser.get("/services")
    await Service.update({Service.name: "Reel reach"}).where(Service.id == shelves[1].id)
    await catalog.load()

    second = await browser.get("/services", headers={"If-None-Match": first.headers["etag"]})

    assert second.status_code == 200
    assert shown(second.text)[1] == "Reel reach"


async def test_every_reader_gets_the_same_list_compressed_or_not(browser: Browser, shelves: list[Service]) -> None:
    plain = await browser.get("/services", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    account = await make_account()
    await browser.sign_in(account.id)

    own = await browser.get("/services?q=reach")
    own_plain = await browser.get("/services?q=reach", headers={"Accept-Encoding": "identity"})

    assert shown(plain.text) == ["Story reach, Málaga", "Feed reach", "Video views"]
    assert own.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in own_plain.headers
    assert shown(own.text) == shown(own_plain.text) == ["Story reach, Málaga", "Feed reach"]
    assert account.username in own.text
    assert own.headers["cache-control"] == "private, no-cache"
    assert "etag" not in own.headers


async def test_gzip_of_an_own_page_is_one_stream_that_any_program_reads(
    browser: Browser, shelves: list[Service]
) -> None:
    await browser.sign_in((await make_account()).id)

    async with browser.stream("GET", "/services") as answer:
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])

    assert int(answer.headers["content-length"]) == len(raw)
    # gzip checks the length and the CRC at the end of the stream.
    assert gzip.decompress(raw).rstrip().endswith(b"</html>")


@pytest.mark.parametrize("more", [0, 2])
async def test_pages_ask_the_database_nothing_about_the_catalogue(
    browser: Browser, shelves: list[Service], more: int
) -> None:
    for _ in range(more):
        await make_service()
    await catalog.load()

    with counted_statements() as statements:
        for url in ("/services", "/services?q=reach", f"/services/{shelves[0].id}"):
            assert (await browser.get(url)).status_code == 200

    assert statements == []


async def test_kept_parts_carry_nobodys_name_or_token_to_another(
    shop: httpx.ASGITransport, browser: Browser, shelves: list[Service]
) -> None:
    ada, bob = await make_account("ada"), await make_account("bob")
    async with Browser(shop) as other:
        await browser.sign_in(ada.id)
        await other.sign_in(bob.id)

        pages = [(await one.get("/services")).text for one in (browser, other, browser)]
        async with Browser(shop) as visitor:
            pages.append((await visitor.get("/services")).text)

    assert [("ada" in html, "bob" in html) for html in pages] == [
        (True, False),
        (False, True),
        (True, False),
        (False, False),
    ]
    tokens = [re.findall(r'name="csrf_token" value="(\w+)"', html) for html in pages]
    secrets = [{bytes.fromhex(token) for token in found} for found in tokens]
    assert [len(found) for found in secrets] == [1, 1, 1, 0]
    assert len(set.union(*secrets)) == 3
