"""Starts the sandbox on loopback and stops it cleanly on SIGINT or SIGTERM: `python -m sandbox`."""

import asyncio
import logging
import os
import signal
import sys

import structlog

from sandbox.app import create_sandbox
from sandbox.server import HOST, SandboxServer, listen
from sandbox.settings import Settings

log = structlog.get_logger("sandbox")


def main() -> int:
    settings = Settings.from_environment(os.environ)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    taken = [port for port in (settings.port, settings.smtp_port) if not _is_free(port)]
    if taken:
        log.error("ports_taken", ports=taken, advice="set SANDBOX_PORT or SANDBOX_SMTP_PORT")
        return 1
    asyncio.run(_serve(settings))
    return 0


def _is_free(port: int) -> bool:
    try:
        listen(port).close()
    except OSError:
        return False
    return True


async def _serve(settings: Settings) -> None:
    listener = listen(settings.port)
    server = SandboxServer(create_sandbox(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)
    log.info("started", url=f"http://{HOST}:{settings.port}", inbox=f"http://{HOST}:{settings.port}/inbox")
    await server.serve(sockets=[listener])
    log.info("stopped")


if __name__ == "__main__":
    sys.exit(main())
