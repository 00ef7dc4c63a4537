"""`make run`'s program: says where everything is, keeps the data, and leaves no process behind."""

import os
import signal
from pathlib import Path

import httpx
import psutil
import pytest

from tests.journeys.shop import RunningShop, running_shop

STOP_SECONDS = 30
PASSWORD = "copper-lantern-over-quiet-water"


def test_run_leaves_no_process_behind_and_keeps_the_data(tmp_path: Path) -> None:
    """With the embedded database, as a newcomer has it."""
    with running_shop("", tmp_path) as shop:
        processes = processes_of(shop, tmp_path)
        sign_up(shop)
        os.killpg(shop.process.pid, signal.SIGINT)
        shop.process.wait(STOP_SECONDS)
    _, alive = psutil.wait_procs(processes, timeout=5)

    assert len(processes) >= 4  # web, worker, sandbox and PostgreSQL
    assert [process.cmdline() for process in alive] == []

    with running_shop("", tmp_path) as again:
        opening = again.log.read_text()
        answer = httpx.post(f"{again.url}/sign-in", data={"identifier": "rosa", "password": PASSWORD})

    assert answer.status_code == 303
    assert f"Upfront is open at    {again.url}\n" in opening
    assert f"Mails arrive at       {again.sandbox}/inbox\n" in opening


@pytest.fixture(autouse=True)
def calm_world() -> None:
    """These shops have a sandbox of their own."""


def processes_of(shop: RunningShop, folder: Path) -> list[psutil.Process]:
    """Everything the program started; PostgreSQL has left its family, but is known by its data."""
    family = psutil.Process(shop.process.pid).children(recursive=True)
    others = [process for process in psutil.process_iter(["cmdline"]) if str(folder) in (process.info["cmdline"] or [])]
    return [*family, *(process for process in others if process not in family)]


def sign_up(shop: RunningShop) -> None:
    fields = {
        "username": "rosa",
        "email": "rosa@mail.example",
        "password": PASSWORD,
        "adult": "yes",
        "policies": "yes",
    }
    assert httpx.post(f"{shop.url}/sign-up", data=fields).status_code == 303
