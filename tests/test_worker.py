"""The real worker, as processes of their own, against a provider on a real socket; some of them are killed."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import worker
from domain import notices
from domain.notices import Letter, LetterName, RenderedLetter
from domain.orders import PlacedOrder
from models.catalog import Service
from models.database import engine, fetch, fetch_value, transaction
from sandbox.testing import RunningSandbox, running_sandbox
from settings import ROOT, Settings
from tests.dispatching import list_cases, make_carried_service, place_carried, row_of, times_sent
from tests.factories import make_provider

pytestmark = pytest.mark.commits

START_SECONDS = 60  # importing everything takes a while on a machine that is busy with other tests
PATIENCE = 30
_number = count(1)


class Worker:
    """One worker process."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process = process
        self.log = log

    async def kill(self) -> None:
        """SIGKILL: not one more line of it runs."""
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), PATIENCE)


@contextlib.asynccontextmanager
async def running_worker(sandbox: RunningSandbox, folder: Path) -> AsyncIterator[Worker]:
    log = folder / f"worker-{next(_number)}.log"
    environment = {
        **os.environ,
        "SANDBOX_PORT": sandbox.url.rpartition(":")[2],
        "SANDBOX_SMTP_PORT": str(sandbox.smtp_port),
        "PYTHONWARNINGS": "ignore",
    }
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "worker.py", cwd=ROOT, env=environment, stdout=output, stderr=output
        )
    worker = Worker(process, log)
    try:
        await until(lambda: is_in(log, "worker ready"), seconds=START_SECONDS)
        yield worker
    finally:
        if process.returncode is None:
            await worker.kill()


async def is_in(log: Path, words: str) -> bool:
    return words in await asyncio.to_thread(log.read_text)


async def until(is_true: Callable[[], Awaitable[Any]], *, seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while not await is_true():  # noqa: ASYNC110 - another process has no event to wait for
            await asyncio.sleep(0.01)


@pytest.fixture
async def sandbox() -> AsyncIterator[RunningSandbox]:
    async with running_sandbox(hang=PATIENCE, speed=20.0) as sandbox:
        yield sandbox


@pytest.fixture
async def service() -> Service:
    provider = await make_provider()
    await fetch("UPDATE providers SET synced_at = now()")
    return await make_carried_service(provider)


async def was_sent(sandbox: RunningSandbox, order: PlacedOrder) -> bool:
    return await times_sent(sandbox, order) > 0


async def let_time_pass() -> None:
    """Everything that a dead worker held is as old as if it had died an hour ago."""
    await fetch("UPDATE dispatches SET started_at = started_at - interval '1 hour' WHERE state = 'started'")
    await fetch("UPDATE pgqueuer SET heartbeat = heartbeat - interval '1 hour' WHERE status = 'picked'")
    await fetch("UPDATE pgqueuer_schedules SET heartbeat = heartbeat - interval '1 hour' WHERE status = 'picked'")


async def has_moved_on(order: PlacedOrder) -> bool:
    return bool((await row_of(order))["state"] != "placed")


async def test_worker_killed_at_any_moment_never_sends_an_order_twice(
    sandbox: RunningSandbox, service: Service, tmp_path: Path
) -> None:
    # Where the provider is when the worker dies, and how long after its call arrived (None: before it does).
    deaths = [
        ("provider.timeout_before", 0.05),
        ("provider.timeout_after", 0.05),
        ("provider.slow", 0.2),
        ("", 0.0),
        ("", 0.005),
        ("", 0.02),
        ("", None),
    ]
    ended = []
    async with contextlib.AsyncExitStack() as workers:
        worker = await workers.enter_async_context(running_worker(sandbox, tmp_path))
        for fault, seconds in deaths:
            if fault:
                sandbox.set_fault(fault, action="add", remaining=1)
            order = await place_carried(service)
            if seconds is not None:
                await until(partial(was_sent, sandbox, order))
                await asyncio.sleep(seconds)
            await worker.kill()
            sandbox.clear_faults()
            await let_time_pass()
            worker = await workers.enter_async_context(running_worker(sandbox, tmp_path))
            await until(partial(has_moved_on, order))

            state = (await row_of(order))["state"]
            assert await times_sent(sandbox, order) <= 1
            assert state == "parked" or await times_sent(sandbox, order) == 1
            ended.append(state)

    # Where no answer can have been recorded the order is parked; elsewhere it depends on who was quicker.
    assert ended[:3] == ["parked"] * 3
    assert len(await list_cases()) == ended.count("parked")
    assert await fetch_value("SELECT sum(refunded) FROM orders") == 0


async def test_two_workers_share_the_work_and_stop_when_they_are_told(
    sandbox: RunningSandbox, service: Service, tmp_path: Path
) -> None:
    async def is_all_done() -> bool:
        return bool(await fetch_value("SELECT bool_and(state = 'completed') FROM orders"))

    async def are_letters_sent() -> bool:
        return bool(await fetch_value("SELECT bool_and(state = 'sent') FROM mail_messages"))

    async with running_worker(sandbox, tmp_path) as first, running_worker(sandbox, tmp_path) as second:
        placed = [await place_carried(service) for _number in range(12)]
        await until(is_all_done)
        await until(are_letters_sent)

        assert [await first.stop(), await second.stop()] == [0, 0]

    assert [await times_sent(sandbox, order) for order in placed] == [1] * 12
    assert len(sandbox.mails()) == 12
    for each in (first, second):
        assert not await is_in(each.log, "rror")


async def test_queue_keeps_no_more_of_an_error_than_its_type(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(letter: Letter) -> RenderedLetter:
        raise ValueError(f"Nobody can write to {letter.to_address}.")

    async def is_noted() -> bool:
        return bool(await fetch_value("SELECT count(*) FROM pgqueuer_log WHERE traceback IS NOT NULL"))

    async with transaction():
        await notices.queue(Letter(LetterName.CONFIRM_ADDRESS, "a:1", None, "canary@example.com", "en", {}))
    async with worker.open_tools(settings) as tools, asyncpg.create_pool(engine().dsn, min_size=1) as pool:
        queue = worker.build_queue(pool, replace(tools, render=fail))
        running = asyncio.create_task(queue.run())
        await until(is_noted)
        queue.shutdown.set()
        await running

    [noted] = await fetch("SELECT traceback::text FROM pgqueuer_log WHERE traceback IS NOT NULL")
    assert "ValueError" in noted["traceback"]
    assert "canary" not in noted["traceback"]
    assert "in fail" in capsys.readouterr().err
