"""The program itself: a real process, its sockets, its file and its end."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest

from sandbox.settings import Settings
from sandbox.testing import running_sandbox
from tests.test_sandbox.conftest import Reseller

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def start(environment: dict[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def wait_for(url: str) -> None:
    async with asyncio.timeout(15), httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                await client.get(url)
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
            else:
                return


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_program_ends_cleanly_on_a_signal_even_while_an_answer_hangs(
    tmp_path: Path, number: signal.Signals
) -> None:
    port = free_port()
    environment = {"SANDBOX_PORT": str(port), "SANDBOX_SMTP_PORT": str(free_port()), "DATA_DIR": str(tmp_path)}
    program = await start(environment)
    url = f"http://127.0.0.1:{port}"
    await wait_for(url)

    async with httpx.AsyncClient(base_url=url, timeout=10, trust_env=False) as client:
        await client.post("/faults.json", json={"name": "provider.timeout_before"})
        hanging = asyncio.create_task(client.post("/provider/api/v2", data={"action": "balance"}))
        await asyncio.sleep(0.2)
        program.send_signal(number)
        output, _ = await asyncio.wait_for(program.communicate(), 10)
        assert (await hanging).status_code == 504

    assert program.returncode == 0
    assert b"Traceback" not in output


async def test_program_names_the_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        environment = {"SANDBOX_PORT": str(port), "SANDBOX_SMTP_PORT": str(free_port()), "DATA_DIR": str(tmp_path)}
        output, _ = await asyncio.wait_for((program := await start(environment)).communicate(), 15)

    assert program.returncode == 1
    assert str(port).encode() in output
    assert b"Traceback" not in output


async def test_second_run_remembers_the_first(tmp_path: Path) -> None:
    database = str(tmp_path / "sandbox.sqlite")
    async with running_sandbox(database=database) as first, httpx.AsyncClient(trust_env=False) as client:
        order = await Reseller(first, client).add()

    async with running_sandbox(database=database) as second:
        assert [each.public_id for each in second.orders()] == [order]


async def test_two_sandboxes_live_side_by_side() -> None:
    async with running_sandbox() as one, running_sandbox() as other, httpx.AsyncClient(trust_env=False) as client:
        await Reseller(one, client).add()

        assert (len(one.orders()), len(other.orders())) == (1, 0)
        assert one.smtp_port != other.smtp_port


def test_settings_come_from_the_environment() -> None:
    settings = Settings.from_environment({"DATA_DIR": "/data", "PORT": "9000", "SANDBOX_SPEED": "2.5"})

    assert (settings.database, settings.shop_url, settings.speed) == (
        "/data/sandbox.sqlite",
        "http://127.0.0.1:9000",
        2.5,
    )
