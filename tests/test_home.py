from domain import catalog
from routes.home import THEMES
from tests.browser import Browser
from tests.factories import make_category, make_service


async def test_home_is_a_page_with_one_heading_and_the_security_headers(browser: Browser) -> None:
    answer = await browser.get("/")

    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers


async def test_unknown_address_is_a_page_of_the_shop_with_the_same_headers(browser: Browser) -> None:
    answer = await browser.get("/no/such/page")

    assert answer.status_code == 404
    assert "There is no such page." in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_theme_is_kept_with_the_session_on_the_server(browser: Browser) -> None:
    for theme in THEMES:
        answer = await browser.submit("/appearance", {"theme": theme})

        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert f'data-theme="{theme}"' in (await browser.get("/")).text


async def test_home_leads_to_each_platform_with_its_number_of_services(browser: Browser) -> None:
    youtube = await make_category(platform="youtube")
    for _ in range(3):
        await make_service(category=youtube.id)
    await catalog.load()

    answer = await browser.get("/")

    assert 'href="/services?platform=youtube"' in answer.text


async def test_ready_needs_the_database_and_the_catalogue(browser: Browser) -> None:
    await catalog.load()

    answer = await browser.get("/readyz")

    assert (answer.status_code, answer.text) == (200, "ready")


async def test_theme_that_does_not_exist_changes_nothing(browser: Browser) -> None:
    answer = await browser.submit("/appearance", {"theme": "neon"})

    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers


async def test_appearance_leads_back_to_the_page_and_never_to_another_site(browser: Browser) -> None:
    for referer, location in {
        "http://shop.test/terms": "/terms",
        "https://evil.example//evil.example/x": "/",
        "not an address": "/",
    }.items():
        answer = await browser.post("/appearance", data={"theme": "neon"}, headers={"Referer": referer})

        assert answer.headers["location"] == location
