"""Serving the sandbox on a loopback socket, with connections that a fault can reset."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.app import Sandbox

HOST = "127.0.0.1"


class ResettableProtocol(HttpToolsProtocol):
    """HTTP as usual; each request also sees its own transport in `scope["state"]`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class SandboxServer(uvicorn.Server):
    """A server that leaves signals to its starter and wakes hanging answers before it waits for them."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(
            uvicorn.Config(
                sandbox.asgi,
                http=ResettableProtocol,
                ws="none",
                log_level="error",
                access_log=False,
                timeout_graceful_shutdown=3,
            )
        )
        self._sandbox = sandbox
        self._accepting = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._accepting.set()

    async def until_started(self, serving: asyncio.Task[None]) -> None:
        """Wait until connections are taken. Raises what stopped the server, if it could not start."""
        started = asyncio.create_task(self._accepting.wait())
        await asyncio.wait({started, serving}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()
        if serving.done():
            serving.result()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        """Leave the main loop at its next turn, within a tenth of a second."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._sandbox.world.closing.set()
        await super().shutdown(sockets)


def listen(port: int) -> socket.socket:
    """A listening loopback socket; port 0 takes any free one."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(False)
    return listener
