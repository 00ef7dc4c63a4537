"""Starts and stops the processes that are measured."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil
from honcho.environ import parse_procfile

from settings import ROOT


@dataclass(frozen=True, slots=True)
class Server:
    """A web server that answers."""

    port: int
    process: psutil.Process
    start_seconds: float

    @property
    def megabytes(self) -> float:
        return resident_megabytes(self.process)


def free_ports(number: int) -> list[int]:
    """Ports that were free a moment ago; held open together so that they differ."""
    sockets = [socket.socket() for _ in range(number)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def resident_megabytes(process: psutil.Process) -> float:
    """What the largest of a process and its children holds in memory, in MB."""
    family = [process, *process.children(recursive=True)]
    return max(float(each.memory_info().rss) for each in family) / 1e6


@contextmanager
def working(seconds: float) -> Iterator[psutil.Process]:
    """Run the Procfile's worker long enough to be at work, until the block ends."""
    command = parse_procfile((ROOT / "Procfile").read_text()).processes["worker"]
    process = subprocess.Popen(command.replace("python ", f"exec {sys.executable} -W ignore "), shell=True, cwd=ROOT)
    try:
        time.sleep(seconds)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def serving(factory: str, port: int, *, path: str, workers: int = 1) -> Iterator[Server]:
    """Serve an application factory with the Procfile's own command, until the block ends."""
    web = parse_procfile((ROOT / "Procfile").read_text()).processes["web"]
    command = web.replace("python ", f"exec {sys.executable} -W ignore ").replace("app:application", factory)
    started = time.perf_counter()
    process = subprocess.Popen(
        f"{command} --workers {workers}", shell=True, cwd=ROOT, env={**os.environ, "PORT": str(port)}
    )
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
