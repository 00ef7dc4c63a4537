import gzip
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import httpx
import pytest

from app import create_app
from models.database import engine
from routes.security import MAX_BODY
from settings import ROOT, Settings
from tests.browser import Browser
from tests.factories import make_account

EVERYWHERE = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "x-request-id",
    "cache-control",
)


async def test_every_answer_carries_the_security_headers(browser: Browser) -> None:
    for path in ("/", "/no/such/page", "/static/no-such-file.css", "/healthz"):
        answer = await browser.get(path)

        assert [name for name in EVERYWHERE if name not in answer.headers] == [], path
        assert "'unsafe" not in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.commits
async def test_a_database_that_is_away_is_answered_with_a_page_of_the_shop(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.sign_in((await make_account()).id)
    closed = await asyncpg.create_pool(engine().dsn, min_size=0)
    await closed.close()
    monkeypatch.setattr(engine(), "pool", closed)

    answer = await browser.get("/orders")
    browser.cookies.clear()
    ready = await browser.get("/readyz")

    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert [name for name in EVERYWHERE if name not in answer.headers] == []
    assert ready.status_code == 503


async def test_hsts_is_for_production_alone(browser: Browser) -> None:
    assert "strict-transport-security" not in (await browser.get("/")).headers


async def test_production_adds_hsts_and_the_host_cookie_and_refuses_plain_http(settings: Settings) -> None:
    shop = httpx.ASGITransport(app=create_app(replace(settings, production=True)))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=shop, base_url="http://shop.test") as plain:
        refused = await plain.get("/")
        alive = await plain.get("/healthz")
    async with httpx.AsyncClient(transport=shop, base_url="https://shop.test") as tls:
        page = await tls.get("/")
        chosen = await tls.post("/appearance", data={"theme": "dark"})

    assert (refused.status_code, alive.status_code, page.status_code) == (403, 200, 200)
    assert "max-age=" in page.headers["strict-transport-security"]
    cookie = chosen.headers["set-cookie"]
    assert cookie.startswith("__Host-session=")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"))


async def test_head_answers_like_get_without_a_body(browser: Browser) -> None:
    answer = await browser.head("/")

    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


async def test_a_strange_host_is_refused(shop: httpx.ASGITransport) -> None:
    async with httpx.AsyncClient(transport=shop, base_url="http://evil.example") as client:
        answer = await client.get("/")

    assert answer.status_code == 400
    assert "content-security-policy" in answer.headers


async def test_a_body_that_is_too_large_is_refused_announced_or_not(browser: Browser) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY // 1024 + 2):
            yield b"x" * 1024

    announced = await browser.post("/appearance", content=b"x" * (MAX_BODY + 1), headers=headers)
    chunked = await browser.post("/appearance", content=chunks(), headers=headers)

    assert (announced.status_code, chunked.status_code) == (413, 413)


async def test_request_ids_differ(browser: Browser) -> None:
    first, second = [(await browser.get("/healthz")).headers["x-request-id"] for _ in range(2)]

    assert first != second


async def test_static_files_have_hashed_names_and_are_kept_for_ever(browser: Browser) -> None:
    page = (await browser.get("/")).text
    url = next(part for part in page.split('"') if part.startswith("/static/css/shop."))

    answer = await browser.get(url)
    again = await browser.get(url, headers={"If-None-Match": answer.headers["etag"]})

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert (again.status_code, again.content) == (304, b"")


async def test_the_style_sheet_stays_small(browser: Browser) -> None:
    css = b"\n".join(path.read_bytes() for path in sorted((ROOT / "static" / "css").glob("*.css")))

    assert len(gzip.compress(css)) <= 14 * 1024


async def test_own_script_stays_small() -> None:
    lines = [line for path in (ROOT / "static" / "js").glob("*.js") for line in path.read_text().splitlines()]

    assert len(lines) < 200


async def test_pages_are_compressed_when_the_browser_accepts_it(browser: Browser) -> None:
    plain = await browser.get("/", headers={"Accept-Encoding": "identity"})
    packed = await browser.get("/", headers={"Accept-Encoding": "gzip"})

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text.count("<h1") == plain.text.count("<h1") == 1
