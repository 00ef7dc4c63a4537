"""Who may change anything: the rule for every unsafe request, and the short list of exceptions."""

import httpx
import pytest
from litestar import Litestar

from routes.edge import Edge
from routes.guard import OPEN_TO_STRANGERS, TOKEN_HEADER
from routes.security import SAFE_METHODS
from tests.browser import Browser
from tests.factories import make_account

# Each is posted to by a stranger's computer, and none of them acts on a session.
OPEN_ROUTES = {
    "/payments/{processor}/notifications",
    "/payments/{code}/return",
    "/payments/{code}/failure",
}


def litestar_app(shop: httpx.ASGITransport) -> Litestar:
    edge = shop.app
    assert isinstance(edge, Edge)
    assert isinstance(edge.app, Litestar)
    return edge.app


def test_only_the_listed_routes_are_open_to_strangers(shop: httpx.ASGITransport) -> None:
    handlers = [
        (route.path_format, handler)
        for route in litestar_app(shop).routes
        for handler in getattr(route, "route_handlers", [])
    ]

    assert {path for path, handler in handlers if handler.opt.get(OPEN_TO_STRANGERS)} == OPEN_ROUTES


def test_no_safe_method_is_declared_open(shop: httpx.ASGITransport) -> None:
    for route in litestar_app(shop).routes:
        for handler in getattr(route, "route_handlers", []):
            if handler.opt.get(OPEN_TO_STRANGERS):
                assert not set(handler.http_methods) & (SAFE_METHODS - {"OPTIONS"})


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_site_changes_nothing(browser: Browser, site: str) -> None:
    answer = await browser.post("/appearance", data={"theme": "dark"}, headers={"Sec-Fetch-Site": site})

    assert answer.status_code == 403
    assert "nothing was done" in answer.text
    assert "set-cookie" not in answer.headers


async def test_another_origin_is_stopped_where_the_browser_lacks_fetch_metadata(shop: httpx.ASGITransport) -> None:
    async with httpx.AsyncClient(transport=shop, base_url="http://shop.test") as client:
        stranger = await client.post("/appearance", data={"theme": "dark"}, headers={"Origin": "https://evil.example"})
        own = await client.post("/appearance", data={"theme": "dark"}, headers={"Origin": "http://shop.test"})

    assert (stranger.status_code, own.status_code) == (403, 303)


async def test_a_session_needs_its_own_token(browser: Browser) -> None:
    await browser.sign_in((await make_account()).id)

    missing = await browser.post("/appearance", data={"theme": "dark"})
    wrong = await browser.post("/appearance", data={"theme": "dark"}, headers={TOKEN_HEADER: "00" * 64})
    odd = await browser.post("/appearance", data={"theme": "dark"}, headers=[(TOKEN_HEADER.encode(), "é".encode())])
    right = await browser.post("/appearance", data={"theme": "dark", "csrf_token": browser.csrf_token})

    assert [answer.status_code for answer in (missing, wrong, odd, right)] == [403, 403, 403, 303]


async def test_the_token_looks_different_in_every_answer(browser: Browser) -> None:
    await browser.sign_in((await make_account()).id)

    assert browser.csrf_token != browser.csrf_token
    assert (await browser.submit("/appearance", {"theme": "light"})).status_code == 303


async def test_another_sessions_token_is_refused(browser: Browser, shop: httpx.ASGITransport) -> None:
    await browser.sign_in((await make_account()).id)
    async with Browser(shop) as other:
        await other.sign_in((await make_account()).id)
        borrowed = other.csrf_token

    answer = await browser.post("/appearance", data={"theme": "dark", "csrf_token": borrowed})

    assert answer.status_code == 403


async def test_a_visitors_tab_that_is_older_than_the_session_still_works(browser: Browser) -> None:
    await browser.submit("/appearance", {"theme": "dark"})

    own = await browser.post("/appearance", data={"theme": "light"})
    unknown = await browser.post("/appearance", data={"theme": "light"}, headers={"Sec-Fetch-Site": "none"})

    assert (own.status_code, unknown.status_code) == (303, 403)
