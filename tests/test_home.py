from routes.home import THEMES
from tests.browser import Browser


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
