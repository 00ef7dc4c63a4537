import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from litestar import Litestar, Response, get

from models.database import engine, notify
from routes.htmx import AnyRequest
from routes.live import PER_SESSION, Fragment, Live
from tests.serving import serving

pytestmark = pytest.mark.commits


class Kettle:
    """Something whose state changes."""

    def __init__(self) -> None:
        self.degrees = 20

    async def show(self) -> Fragment:
        return Fragment(f"<p>{self.degrees}</p>", is_final=self.degrees >= 100)


@pytest.fixture
def kettle() -> Kettle:
    return Kettle()


@pytest.fixture
def live() -> Live:
    return Live(engine().dsn)


@pytest.fixture
async def visitor(kettle: Kettle, live: Live) -> AsyncIterator[httpx.AsyncClient]:
    @get("/kettle/live")
    async def stream_kettle(request: AnyRequest) -> Response[Any]:
        return await live.stream(request, "kettle", kettle.show)

    app = Litestar([stream_kettle], plugins=[live.channels], openapi_config=None)
    async with serving(app) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


async def test_stream_opens_with_the_state_and_ends_with_the_final_one(
    visitor: httpx.AsyncClient, kettle: Kettle
) -> None:
    async with visitor.stream("GET", "/kettle/live") as answer:
        lines = answer.aiter_lines()
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert await anext(lines) == "data: <p>20</p>"

        kettle.degrees = 60
        await notify("kettle")
        assert [await anext(lines), await anext(lines)] == ["", "data: <p>60</p>"]

        kettle.degrees = 100
        await notify("kettle")
        assert [line async for line in lines] == ["", "data: <p>100</p>", "", "event: done", "data: ", ""]


async def test_stream_gives_its_place_and_its_channel_back_when_the_browser_leaves(
    visitor: httpx.AsyncClient, live: Live
) -> None:
    for _round in range(PER_SESSION + 1):
        async with visitor.stream("GET", "/kettle/live") as answer:
            assert answer.status_code == 200
            await anext(answer.aiter_lines())
        await asyncio.sleep(0.1)

    assert live.channels._channels == {}


async def test_stream_beyond_the_limit_of_a_session_swaps_nothing(visitor: httpx.AsyncClient) -> None:
    async with AsyncExitStack() as pages:
        opened = [
            (await pages.enter_async_context(visitor.stream("GET", "/kettle/live"))).aiter_lines()
            for _page in range(PER_SESSION)
        ]
        for lines in opened:
            await anext(lines)

        answer = await visitor.get("/kettle/live")

    assert (answer.status_code, answer.content) == (204, b"")


async def test_stream_listens_again_after_the_database_dropped_its_connection(
    visitor: httpx.AsyncClient, kettle: Kettle, live: Live
) -> None:
    await live.channels._backend._listener_conn.close()  # type: ignore[attr-defined]

    async with visitor.stream("GET", "/kettle/live") as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        kettle.degrees = 100
        await notify("kettle")

        assert "data: <p>100</p>" in [line async for line in lines]


async def test_stream_ends_when_the_process_is_told_to_stop(visitor: httpx.AsyncClient, live: Live) -> None:
    async with visitor.stream("GET", "/kettle/live") as answer:
        lines = answer.aiter_lines()
        await anext(lines)

        live.close()

        assert "event: done" not in [line async for line in lines]
