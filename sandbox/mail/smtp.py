"""The SMTP side: takes every mail on loopback and keeps it."""

# aiosmtpd decides the names and arguments of the handler's methods.
# ruff: noqa: ARG002, N802

import asyncio
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.mail import messages
from sandbox.world import World

HOST = "127.0.0.1"
IDENT = "sandbox.test"


class Handler:
    """What aiosmtpd asks at each step; the method names are its own."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._world.faults.take("smtp.refuse_recipient") is not None:
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        take = self._world.faults.take
        if take("smtp.refuse_temporarily") is not None:
            return "451 4.3.0 Try again later"
        if take("smtp.refuse_permanently") is not None:
            return "550 5.7.1 Message refused"
        number = messages.keep(self._world, envelope.mail_from or "", envelope.rcpt_tos, envelope.content)
        if take("smtp.drop_after_data") is not None:
            _abort(server.transport)
        return f"250 2.0.0 Kept as {number}"


@dataclass
class MailHost:
    """The listening server; it lives in the event loop that started it."""

    world: World
    _server: asyncio.Server | None = field(default=None, init=False)
    _open: set[asyncio.BaseTransport] = field(default_factory=set, init=False)

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, HOST, self.world.settings.smtp_port)

    @property
    def port(self) -> int:
        if self._server is None:
            return 0
        number: int = self._server.sockets[0].getsockname()[1]
        return number

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for transport in self._open:
                _abort(transport)
            await self._server.wait_closed()

    def _protocol(self) -> SMTP:
        return _Conversation(self._open, Handler(self.world))


class _Conversation(SMTP):
    """One SMTP connection that can be closed from outside when the sandbox stops."""

    def __init__(self, open_connections: set[asyncio.BaseTransport], handler: Handler) -> None:
        super().__init__(
            handler, hostname=IDENT, ident="Sandbox", enable_SMTPUTF8=True, loop=asyncio.get_running_loop()
        )
        self._open_connections = open_connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._open_connections.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._open_connections.discard(self.transport)
        super().connection_lost(error)


def _abort(transport: asyncio.BaseTransport | None) -> None:
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()
