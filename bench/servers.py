"""Starts and stops the processes that are measured."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil

from settings import ROOT


@dataclass(frozen=True, slots=True)
class Server:
    """A web server that answers."""

    port: int
    process: psutil.Process
    start_seconds: float

    @property
    def megabytes(self) -> float:
        """Resident memory of the largest process that serves, in MB."""
        family = [self.process, *self.process.children(recursive=True)]
        return max(float(each.memory_info().rss) for each in family) / 1e6


def free_ports(number: int) -> list[int]:
    """Ports that were free a moment ago; held open together so that they differ."""
    sockets = [socket.socket() for _ in range(number)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@contextmanager
def serving(
    factory: str, port: int, *, path: str, workers: int = 1, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Serve an application factory with uvicorn as the Procfile does, until the block ends."""
    command = [
        sys.executable, "-W", "ignore", "-m", "uvicorn", "--factory", factory,
        "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers),
        "--proxy-headers", "--no-server-header", "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(environment or {})})
    try:
        _wait(port, path, process)
        yield Server(port, psutil.Process(process.pid), time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with {process.returncode} before it answered.")
        try:
            if httpx.get(f"http://127.0.0.1:{port}{path}").status_code < 500:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise RuntimeError("The server did not answer within a minute.")
