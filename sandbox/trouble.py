"""Ways in which an answer goes missing on its way to the caller."""

import asyncio
import contextlib
import socket
import struct
from typing import Any

from litestar import MediaType, Request, Response

from sandbox.world import World

GATEWAY_PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


async def hang(request: Request[Any, Any, Any], world: World, *, seconds: float | None = None) -> None:
    """Wait until the caller gives up, the time is over or the sandbox closes."""
    waits = [asyncio.ensure_future(_caller_left(request)), asyncio.ensure_future(world.closing.wait())]
    await asyncio.wait(waits, timeout=seconds or world.settings.hang, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await wait


async def reset(request: Request[Any, Any, Any]) -> None:
    """Tear the connection down with a TCP reset, so that the caller cannot tell what was done.

    Raises ConnectionResetError where there is no socket (an application called in process).
    """
    transport = request.scope.get("state", {}).get("transport")
    if transport is None:
        raise ConnectionResetError("reset by the sandbox")
    # A zero linger turns the close into RST instead of FIN.
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _caller_left(request)


def gateway_page(status: int = 502) -> Response[str]:
    return Response(GATEWAY_PAGE, status_code=status, media_type=MediaType.HTML)


async def _caller_left(request: Request[Any, Any, Any]) -> None:
    while True:
        message = await request.receive()
        if str(message["type"]) == "http.disconnect":
            return
