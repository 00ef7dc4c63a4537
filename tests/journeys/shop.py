"""The whole shop as `make run` starts it, on free ports and a database of its own."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.servers import free_ports
from settings import ROOT

START_SECONDS = 90
STOP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class RunningShop:
    """Addresses of a shop that is up, and its log for when something went wrong."""

    url: str
    sandbox: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def hosted_page(self) -> str:
        """Where the card is typed: for a browser another site than the shop, as in real life."""
        return self.sandbox.replace("127.0.0.1", "localhost")

    def inbox(self, to: str) -> list[dict[str, str]]:
        """Mails that arrived for an address, newest first."""
        mails: list[dict[str, str]] = httpx.get(f"{self.sandbox}/inbox.json", params={"to": to}).json()
        return mails

    def wait_for_mail(self, to: str, subject: str, *, seconds: float = 20) -> dict[str, str]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for mail in self.inbox(to):
                if subject in mail["subject"]:
                    return mail
            time.sleep(0.2)
        raise AssertionError(f"No mail {subject!r} for {to}: {[mail['subject'] for mail in self.inbox(to)]}")

    def set_fault(self, name: str, **values: object) -> None:
        """Switch a trouble of the outside world on; `remaining` says how often it happens."""
        httpx.post(f"{self.sandbox}/faults.json", json={"name": name, **values}).raise_for_status()

    def clear_faults(self) -> None:
        httpx.delete(f"{self.sandbox}/faults.json").raise_for_status()

    def wait_until_calm(self, *, seconds: float = 20) -> None:
        """Until every fault has happened as often as it was to happen."""
        deadline = time.monotonic() + seconds
        while faults := httpx.get(f"{self.sandbox}/faults.json").json():
            assert time.monotonic() < deadline, f"still to happen: {faults}"
            time.sleep(0.2)

    def forge_success(self, bill_id: str) -> dict[str, Any]:
        """Post a success that never happened, as a customer could; what was sent and how the shop answered."""
        answer: dict[str, Any] = httpx.post(f"{self.sandbox}/cardlink/forge.json", json={"bill_id": bill_id}).json()
        return answer

    def count_adds(self, link: str) -> int:
        """How often the provider was asked to take an order for a link; the shop ends a profile's with a slash."""
        calls = httpx.get(f"{self.sandbox}/provider/calls.json", params={"action": "add"}).json()
        return sum(call["fields"].get("link", "").rstrip("/") == link for call in calls)


@contextmanager
def running_shop(database_url: str, data_dir: Path, **environment: str) -> Iterator[RunningShop]:
    """Start `run.py`, wait until it answers, and stop it as Ctrl-C would."""
    web, sandbox, smtp = free_ports(3)
    log = data_dir / f"shop-{secrets.token_hex(3)}.log"
    variables = {
        "PORT": str(web),
        "SANDBOX_PORT": str(sandbox),
        "SANDBOX_SMTP_PORT": str(smtp),
        "CARDLINK_URL": f"http://localhost:{sandbox}/cardlink/api/v1",
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": database_url,
        "DATABASE_POOL": "5",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "run.py"],
            cwd=ROOT,
            env={**os.environ, **variables, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        shop = RunningShop(f"http://127.0.0.1:{web}", f"http://127.0.0.1:{sandbox}", process, log)
        try:
            _wait_until_open(shop)
            yield shop
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ctrl-C, then patience, then force."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_until_open(shop: RunningShop) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if shop.process.poll() is not None:
            break
        if "Upfront is open at" in shop.log.read_text(errors="replace"):
            return
        time.sleep(0.2)
    raise AssertionError("The shop did not open:\n" + shop.log.read_text(errors="replace")[-4000:])
