"""A load of HTTP/1.1 requests over kept-alive connections, light enough that the server is what is measured."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from statistics import quantiles
from typing import cast

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
END = b"\r\n\r\n"


@dataclass(slots=True)
class Load:
    """What one run saw; times are seconds."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    body_bytes: int = 0

    @property
    def count(self) -> int:
        return len(self.times)

    @property
    def per_second(self) -> float:
        return self.count / self.seconds

    @property
    def p50(self) -> float:
        return quantiles(self.times, n=100)[49]

    @property
    def p99(self) -> float:
        return quantiles(self.times, n=100)[98]


def request(method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of one request, made once and sent many times."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Encoding: gzip", "Sec-Fetch-Site: same-origin"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method == "POST":
        lines += [f"Content-Length: {len(body)}", "Content-Type: application/x-www-form-urlencoded"]
    return "\r\n".join(lines).encode() + END + body


class _Connection(asyncio.Protocol):
    """Sends the next request when the last one is answered, until there is none or time is up."""

    def __init__(self, load: Load, requests: Iterator[bytes], deadline: float) -> None:
        self.load = load
        self.requests = requests
        self.deadline = deadline
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.send_next()

    def send_next(self) -> None:
        message = next(self.requests, None) if time.perf_counter() < self.deadline else None
        if message is None:
            self.transport.close()
            return
        self.started = time.perf_counter()
        self.transport.write(message)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, separator, body = self.buffer.partition(END)
        if not separator:
            return
        found = LENGTH.search(head)
        length = int(found[1]) if found else 0
        if len(body) < length:
            return
        self.buffer = b""
        self.load.times.append(time.perf_counter() - self.started)
        self.load.statuses[int(head[9:12])] += 1
        self.load.body_bytes += length
        self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        if not self.done.done():
            self.done.set_result(None)


async def run(port: int, requests: Iterable[bytes], *, connections: int, seconds: float) -> Load:
    """Send `requests`, shared by all connections, for at most `seconds`."""
    load = Load()
    shared = iter(requests)
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    made = [
        await loop.create_connection(lambda: _Connection(load, shared, started + seconds), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.done for _transport, connection in made))
    load.seconds = time.perf_counter() - started
    return load
