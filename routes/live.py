"""Pages that change by themselves: what a change announces on a database channel reaches the browser as an event."""

import asyncio
import contextlib
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any, cast

import asyncpg
import structlog
from anyio import CancelScope
from litestar import Litestar, Response
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.asyncpg import AsyncPgChannelsBackend
from litestar.channels.subscriber import Subscriber
from litestar.response import Stream
from litestar.response.sse import ServerSentEventMessage

from models.engine import connect
from routes.htmx import AnyRequest
from routes.viewer import viewer_of

log = structlog.get_logger("live")

BEAT = 20.0  # seconds of silence after which a sign of life keeps proxies from closing the stream
LONGEST = 600.0  # seconds; the browser then connects again, and its session is looked at again
PER_SESSION = 6  # pages open at once that listen; the others poll
DONE = "done"  # the event after which the page stops listening (`hx-sse:close`)


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a page shows now; after a final one nothing changes any more."""

    html: str
    is_final: bool


Show = Callable[[], Awaitable[Fragment]]


class Live:
    """The streams of one process, fed by one listening connection."""

    def __init__(self, dsn: str) -> None:
        self.channels = _Channels(
            _Backend(make_connection=partial(connect, dsn)), arbitrary_channels_allowed=True, subscriber_class=_Bell
        )
        self._open: Counter[int | None] = Counter()
        self._is_closing = False

    @contextlib.asynccontextmanager
    async def ending_with_the_process(self, _app: Litestar) -> AsyncIterator[None]:
        """For the application's lifespan: at a signal the streams end, which the server would wait for otherwise."""
        loop = asyncio.get_running_loop()
        earlier = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        servers = {number: handler for number, handler in earlier.items() if callable(handler)}

        def stop(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self.close)
            servers[signal.Signals(number)](number, frame)

        for number in servers:
            signal.signal(number, stop)
        try:
            yield
        finally:
            for number, handler in servers.items():
                signal.signal(number, handler)

    def close(self) -> None:
        """End every stream; browsers connect again to whoever answers then."""
        self._is_closing = True
        self.channels.ring_all()

    async def stream(self, request: AnyRequest, channel: str, show: Show) -> Response[Any]:
        """Answer with `show()`, again after every NOTIFY on `channel`, until it is final; htmx swaps each one in.

        204, which swaps nothing, when this session listens in too many pages or the database cannot be heard: the
        page's slow polling does without.
        """
        session = viewer_of(request).session_id
        if self._open[session] >= PER_SESSION:
            return Response(None, status_code=204)
        try:
            bell = cast(_Bell, await self.channels.subscribe(channel))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("live.unheard", error=type(error).__name__)
            return Response(None, status_code=204)
        events = self._events(session, channel, bell, show)
        return Stream(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    async def _events(self, session: int | None, channel: str, bell: "_Bell", show: Show) -> AsyncIterator[bytes]:
        self._open[session] += 1
        try:
            async for event in self._tell(bell, show):
                yield event
        finally:
            self._open[session] -= 1
            if not self._open[session]:
                del self._open[session]
            # A browser that leaves cancels this task; its place must be given back all the same.
            with CancelScope(shield=True):
                await self.channels.unsubscribe(bell, channel)

    async def _tell(self, bell: "_Bell", show: Show) -> AsyncIterator[bytes]:
        """The first event goes out at once: it opens the answer, and nothing falls between subscribing and reading."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LONGEST
        fragment = await show()
        yield ServerSentEventMessage(fragment.html).encode()
        while not (fragment.is_final or self._is_closing) and loop.time() < deadline:
            if await _rings(bell):
                fragment = await show()
                yield ServerSentEventMessage(fragment.html).encode()
            else:
                yield b": still here\n\n"
        if fragment.is_final:
            yield ServerSentEventMessage(event=DONE).encode()


async def _rings(bell: "_Bell") -> bool:
    try:
        await asyncio.wait_for(bell.wait(), BEAT)
    except TimeoutError:
        return False
    return True


class _Bell(Subscriber):
    """Hears that something changed, however often: the page reads the state from the database anyway."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rung = asyncio.Event()

    async def put(self, item: bytes | None) -> None:
        self.put_nowait(item)

    def put_nowait(self, _item: bytes | None) -> bool:
        self._rung.set()
        return True

    async def wait(self) -> None:
        await self._rung.wait()
        self._rung.clear()


class _Channels(ChannelsPlugin):
    """The plugin keeps the name of every channel that was ever heard; there is one for each order."""

    def ring_all(self) -> None:
        for bell in {bell for bells in self._channels.values() for bell in bells}:
            bell.put_nowait(None)

    async def unsubscribe(self, subscriber: Subscriber, channels: str | Iterable[str] | None = None) -> None:
        await super().unsubscribe(subscriber, channels)
        for name in [name for name, subscribers in self._channels.items() if not subscribers]:
            del self._channels[name]


class _Backend(AsyncPgChannelsBackend):
    """Listens again after the database was away; the plugin's own would stay deaf until the process restarts."""

    async def subscribe(self, channels: Iterable[str]) -> None:
        wanted = set(channels)
        async with self._listener_lock:
            if self._listener_conn.is_closed():
                self._listener_conn = await self._connect()
                wanted |= self._subscribed_channels
                self._subscribed_channels.clear()
        await super().subscribe(wanted)
