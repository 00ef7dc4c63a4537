"""Keeps this process's picture of the catalogue the same as the database's."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg
import structlog

from domain.catalog.snapshot import Snapshot
from domain.catalog.versions import CHANNEL, current_version
from domain.catalog.views import ServiceView
from domain.errors import Busy
from domain.i18n import gettext as _
from models.catalog import ServiceState, ServiceType
from models.database import engine, fetch
from models.engine import connect

# A notification can be lost with its connection; the version is looked at this often anyway.
CHECK_SECONDS = 30
BACK_OFF_SECONDS = (1, 2, 5, 10, 30)
CLOSE_SECONDS = 5

log = structlog.get_logger("catalog")


class _Holder:
    snapshot: Snapshot | None = None


def snapshot() -> Snapshot:
    """The catalogue as it was last loaded. Raises Busy before the first load."""
    if _Holder.snapshot is None:
        raise Busy(_("The catalogue is being loaded. Try again in a moment."), seconds=2)
    return _Holder.snapshot


def is_loaded() -> bool:
    return _Holder.snapshot is not None


async def load() -> Snapshot:
    """Read the whole catalogue and swap the picture; readers keep the one they have until they are done."""
    # The version first: when rows change in between, the picture is taken for older than it is and made again.
    version = await current_version()
    rows = await fetch(_ON_SALE, ServiceState.ON_SALE)
    # In a thread, so that requests are answered while ten thousand names are indexed.
    _Holder.snapshot = await asyncio.to_thread(_build, version, rows)
    return _Holder.snapshot


_ON_SALE = """
SELECT s.id, s.name, s.category AS category_id, c.name AS category_name, c.platform, s.type, s.rate,
       s.min_quantity, s.max_quantity, s.refill, s.cancel, s.drip_feed, s.average_minutes, s.description
  FROM services s JOIN categories c ON c.id = s.category
 WHERE s.state = $1
 ORDER BY c.position, c.id, s.position, s.id
"""


def _build(version: int, rows: list[asyncpg.Record]) -> Snapshot:
    return Snapshot(version, [ServiceView(**{**row, "type": ServiceType(row["type"])}) for row in rows])


async def refresh() -> None:
    """Load again if the database has another version than this process."""
    if _Holder.snapshot is None or _Holder.snapshot.version != await current_version():
        loaded = await load()
        log.info("catalogue loaded", version=loaded.version, services=len(loaded.services))


@contextlib.asynccontextmanager
async def kept_fresh() -> AsyncIterator[None]:
    """Load the catalogue, then follow its changes until the end; for the application's lifespan."""
    await refresh()
    follower = asyncio.create_task(_follow())
    try:
        yield
    finally:
        follower.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await follower


async def _follow() -> None:
    """Listen for ever; while the database is away wait longer each time."""
    failures = 0
    while True:
        try:
            await _listen()
            failures = 0
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            failures += 1
            log.warning("catalogue not refreshed", error=type(error).__name__, failures=failures)
        await asyncio.sleep(BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS) - 1)])


async def _listen() -> None:
    """Refresh at once, after each change, and every half minute without one; until the connection is lost."""
    changed = asyncio.Event()
    connection = await connect(engine().dsn)
    try:
        connection.add_termination_listener(lambda _connection: changed.set())
        await connection.add_listener(CHANNEL, lambda *_message: changed.set())
        while not connection.is_closed():
            await refresh()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), CHECK_SECONDS)
            changed.clear()
    finally:
        await connection.close(timeout=CLOSE_SECONDS)
